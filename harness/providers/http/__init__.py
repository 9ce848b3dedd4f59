"""A scripted HTTP service: answers whatever it is asked, and misbehaves on demand.

A process of its own, so that it is the same on every substrate: `python -m harness.providers.http --port 9090`.
"""
