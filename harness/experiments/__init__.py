"""Long runs: `bench/`, `nemesis/`, `reliability/`, `conformance/`.

Imports `system` and what is below, never `plugin`. Begin with the one of them that you want to run.
"""
