"""The pytest plugin: options, fixtures, markers, and the reports of promises.

Imports `system` and what is below, never `load`, `experiments` or `cli`. Begin with `hooks.py`.
"""
