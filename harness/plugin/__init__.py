"""What pytest loads: options, fixtures, markers, and what is said of promises.

Imports `system` and what is below. Begin with `hooks.py`.
"""
