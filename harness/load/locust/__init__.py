"""All that the Locust process sees: the schedule of arrivals, who plays it, what is recorded, and the client of the judge.

Imports Locust, the standard library and the table of exit codes: gevent has patched the world here. Begin with `session.py`.
"""
