"""Names of what a test's report carries beside its outcome. Imports nothing: `harness verify` begins before pytest does."""

ROW = "row"  # a line of the table of faults as JSON, which comes so from a worker of pytest-xdist
PROMISE = "promise"  # what the scenario states, in one sentence
VIOLATED = "violated check"  # one that did not hold, with its facts
BUNDLE = "evidence of a failure"  # its path, or why there is none
RUN_FOLDER = "evidence"  # of the run that it was played on
TRACE = "trace"  # path of the page that explains the scenario
STACK = "the stack"  # title of the section with what each node wrote last

SILENT = frozenset({ROW, PROMISE, VIOLATED, TRACE})  # what `harness verify` shows elsewhere
FAILURES = "failures"  # name of the plugin that tells of them
