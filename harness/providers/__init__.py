"""Scripted HTTP services that stand in for somebody else's: each answers, misbehaves on demand, and records its calls.

Imports only `base`; the programs in it run in containers of their own, with next to nothing installed. What every kind of
them has stands here; begin with `space.py`, then a kind: `http/`, which answers anything, or `openai/`.
"""
