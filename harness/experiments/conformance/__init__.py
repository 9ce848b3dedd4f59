"""Checks the scripted OpenAI with independent judges: the official SDK's own tests, and the provider's public description.

We keep no copy of either: both are fetched from the package index and used from there.
"""
