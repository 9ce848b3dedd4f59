"""Faults at random under an open load, and everything judged when all is healed. The seed says what happens when."""
