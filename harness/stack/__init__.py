"""One running deployment: stack, readiness, canary, reset, environments, and a live deployment instead of a stack.

Imports `substrates` and what is below. Begin with `stack.py`.
"""
