"""What a scenario holds: `system`, with its faults, its evidence and its bundle.

Imports `stack` and what is below. Begin with `system.py`.
"""
