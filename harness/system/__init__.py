"""The object that a scenario uses: `system`, with its faults, its evidence and its bundle.

Imports `stack` and what is below. Begin with `system.py`.
"""
