"""What pytest loads: options, fixtures, markers, and what is said of promises.

Imports `system` and what is below, never `load`, `experiments` or `cli`. Begin with `hooks.py`.
"""
