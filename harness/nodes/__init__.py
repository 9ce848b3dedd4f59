"""What runs and how it is reached: processes under a supervisor, the fork server, and links through a proxy.

Imports `base`, and the programs in it the standard library alone: they start with neither site-packages nor environment. Begin
with `node.py` and `links.py`.
"""
