"""Names of the properties in a test's report. Imports nothing: `harness verify` begins before pytest does."""

ROW = "row"  # a row of the table of faults as JSON, because it may come from a worker of pytest-xdist
PROMISE = "promise"  # the scenario's promise, in one sentence
VIOLATED = "violated check"  # a check that did not hold, with its facts
BUNDLE = "evidence of a failure"  # path of the bundle, or why there is none
RUN_FOLDER = "evidence"  # folder of the run that it was played on
TRACE = "trace"  # path of the page that explains the scenario
STACK = "the stack"  # title of the section with what each node wrote last

SILENT = frozenset({ROW, PROMISE, VIOLATED, TRACE})  # properties that `harness verify` shows elsewhere
FAILURES = "failures"  # name of the plugin that shows failures
