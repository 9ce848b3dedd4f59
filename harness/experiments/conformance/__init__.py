"""Is the scripted OpenAI one? Judges who do not know us: the official SDK's own tests, and the provider's public description.

Neither is ours to keep: both are fetched from the package index and used where they lie.
"""
