"""Plays every built-in promise against every kind of work that an application declares, and reports the results.

A promise is a file in `promises/` and an entry in the tuple there. Begin with `campaign.py`.
"""
