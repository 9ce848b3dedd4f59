"""One running deployment: stack, readiness, canary, reset, environments, and a live deployment in the place of a stack.

Imports `substrates` and what is below. Begin with `stack.py`.
"""
