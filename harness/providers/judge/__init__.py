"""A verdict on a client of OpenAI: what it does when the provider fails it, of any client that can be run or reached.

Begin with `checks.py`; `harness provider judge` runs them.
"""
