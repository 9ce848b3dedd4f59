"""Everything that the Locust process imports: the schedule of arrivals, the users, the recorder, and the client of the judge.

Imports Locust, the standard library and the table of exit codes only, because gevent has patched the interpreter here. Begin with
`session.py`.
"""
