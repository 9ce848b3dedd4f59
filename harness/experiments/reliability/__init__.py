"""docs/reliability.md, made from what is declared beside it and from the figures of runs."""
