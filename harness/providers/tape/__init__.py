"""Recording real exchanges with a provider, playing them again, and holding them against the provider's description.

Begin with `exchange.py`: one readable file for each.
"""
