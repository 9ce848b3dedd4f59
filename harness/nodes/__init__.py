"""The members of a stack and the links to them: processes under a supervisor, the fork server, and links through a proxy.

Imports `base`; the programs in here import the standard library alone, because they start without site-packages and environment.
Begin with `node.py` and `links.py`.
"""
