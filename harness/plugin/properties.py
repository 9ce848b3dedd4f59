"""Names of what a test's report carries beside its outcome. Imports nothing: `harness verify` begins before pytest does."""

ROW = "row"  # a line of the table of faults, which comes so from a worker of pytest-xdist
