"""Judges a client of OpenAI by its reaction to a failing provider; works for any client that can be run or reached.

Begin with `checks.py`; `harness provider judge` runs them.
"""
