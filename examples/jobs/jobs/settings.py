"""The settings from the environment."""

import os

DATABASE_URL = os.environ.get("DATABASE_URL", "")
BROKER_URL = os.environ.get("BROKER_URL", "")
RESULT_URL = os.environ.get("RESULT_URL", "")
SINK_URL = os.environ.get("SINK_URL", "")
DEFECT = os.environ.get("JOBS_DEFECT", "")
DEFECTS = {
    "acknowledged_early": "a message is acknowledged before its task runs, and nobody looks for what was running",
    "never_swept": "a message is acknowledged late, and nobody looks for what was running: it waits for the visibility time-out",
    "unlocked": "two workers may do the same job at once",
    "done_again": "a job that has ended is done again when its message comes again",
    "never_ends": "a job whose call fails for good is left as it is",
    "published_in_request": "the row is committed, then the message published; where that fails the client sees an error",
    "forgotten": "nobody looks for what was published and never ran",
    "not_reconnected": "a worker does not come back to a broker that was away",
    "ready_early": "the service says that it is ready before its tables are there",
    "migration": "the migration takes for granted what an empty database has not",
    "greedy": "a worker takes many messages in advance",
    "leaking": "each job leaves a connection behind",
    "open_transaction": "a transaction is open while somebody else is called",
    "results_for_ever": "results are kept for ever",
    "timer": "a job that is to be tried again waits in the memory of a process",
    "printed_errors": "an error is printed, and nothing else",
}
if DEFECT and DEFECT not in DEFECTS:
    raise SystemExit(f"JOBS_DEFECT={DEFECT!r} is none of {', '.join(DEFECTS)}")
