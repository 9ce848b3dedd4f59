"""The shop's own scenarios are run in a copy of its project, by the harness that is tried."""

collect_ignore = ["project"]
