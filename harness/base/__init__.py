"""Tools that every room uses: waiting, the run's folder, progress, exit codes, HTTP, the database, log files, a cache and a browser.

Imports nothing of the harness. Begin with `wait.py` and `run.py`.
"""
