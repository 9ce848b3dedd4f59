"""Records real exchanges with a provider, plays them again, and compares them with the provider's description.

Begin with `exchange.py`: one readable file for each.
"""
