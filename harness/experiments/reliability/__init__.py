"""Makes docs/reliability.md from its declaration and from the figures of runs."""
