"""Scripted HTTP services that stand in for somebody else's; `openai/` is one kind of them.

Imports only `base`; the programs in it run in containers of their own. Begin with `openai/__init__.py`.
"""
