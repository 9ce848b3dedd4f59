"""Where a stack lives: on this machine alone, with servers in containers, or wholly in containers of the image that is deployed.

Imports `nodes` and what is below. Begin with `substrate.py`, and with `choice.py` for the tuple of them.
"""
