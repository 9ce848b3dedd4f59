"""A scripted OpenAI: it gives plausible answers, and fails on demand.

A process of its own, so that it is the same on every substrate: `python -m harness.providers.openai --port 9090`.
"""
