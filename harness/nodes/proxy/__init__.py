"""The stable address of every link, and the place where a link is hurt.

A program of its own (`python -m harness.nodes.proxy`), standard library only, so that it runs on a machine and in any container
with Python. Each link has a port of its own and forwards to a server that may move, be restarted or be away; its clients see
what they would see in production. A link is named `server` or, where it belongs to one client of it, `client/server`; what is
done to `server` is done to the links of all its clients.

A link may be there before its server: connections wait until it leads somewhere.
"""

LOOPBACK = "127.0.0.1"
