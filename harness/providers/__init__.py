"""Scripted HTTP services that play third-party services: each answers, fails on demand, and records its calls.

Imports only `base`; the programs in it run in containers of their own, with almost nothing installed. The parts that all kinds
share are in this folder; begin with `space.py`, then a kind: `http/`, which answers anything, or `openai/`.
"""
