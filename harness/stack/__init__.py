"""One running deployment: stack, address, readiness, canary, reset, environments.

Imports `substrates` and what is below. Begin with `stack.py`.
"""
