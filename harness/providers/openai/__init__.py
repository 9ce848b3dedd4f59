"""A scripted OpenAI: chat completions that answer believably, and misbehave on demand.

A process of its own, so that it is the same on every substrate: `python -m harness.providers.openai --port 9090`.
"""
