"""Every built-in promise, played against every kind of work that an application declares, and what became of each.

A promise is a file in `promises/` and an entry in the tuple there. Begin with `campaign.py`.
"""
