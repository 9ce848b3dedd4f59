"""The proxy: it has a stable address for every link, and injects the faults of links.

A program of its own (`python -m harness.nodes.proxy`), standard library only, so that it runs on a machine and in any container
with Python. Each link has a port of its own and forwards to a server that may move, be restarted or be away; its clients see the
same as in production. A link is named `server` or, where it belongs to one client, `client/server`; a fault of `server` applies
to the links of all its clients.

A link may exist before its server: connections wait until it has a target.
"""

LOOPBACK = "127.0.0.1"
