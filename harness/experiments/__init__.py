"""Long runs: `bench/`, `nemesis/`, `mutants/`, `reliability/`, `conformance/`.

Imports `system` and what is below, never `plugin`, `load` or `cli`. Begin with the one of them that you want to run.
"""
