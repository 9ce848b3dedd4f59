"""Where a stack lives: on this machine alone, with servers in containers, or completely in containers of the deployed image.

Imports `nodes` and what is below. Begin with `substrate.py`, and with `choice.py` for the tuple of them.
"""
