"""A scripted HTTP service: it answers every request, and fails on demand.

A process of its own, so that it is the same on every substrate: `python -m harness.providers.http --port 9090`.
"""
