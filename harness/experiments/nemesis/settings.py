"""Under what a nemesis' stack runs: what takes minutes in production takes seconds, so that ten minutes hold many faults."""

from collections.abc import Mapping

from scenarios.roadmaps.expected_errors import CONNECTION_LOST, DATABASE_GONE, REDIS_GONE, STOOD_STILL

LEASE_SECONDS = 2.0
SETTINGS: Mapping[str, str] = {
    "LEASE_SECONDS": f"{LEASE_SECONDS:g}",
    "SWEEP_INTERVAL_SECONDS": "0.5",
    "DISPATCH_GRACE_SECONDS": "1",
    "WORKER_BEAT_SECONDS": "0.5",
    "QUEUE_STALL_SECONDS": "3",
    "CELERY_SOFT_SHUTDOWN_SECONDS": "1",
    "CELERY_POLLING_INTERVAL_SECONDS": "1",
    "LOGS_VISIBILITY_TIMEOUT_SECONDS": "5",
    "OPENAI_TIMEOUT_SECONDS": "5",
    "OPENAI_CIRCUIT_SECONDS": "1",
    "GENERATION_TIMEOUT_SECONDS": "30",
}
PROVIDER_SECONDS = 0.2  # until the scripted provider answers: a roadmap is a second in the making

# What roles log as errors while something that they need is away, or was a moment ago.
EXPECTED_ERRORS = (
    REDIS_GONE,
    DATABASE_GONE,
    CONNECTION_LOST,
    STOOD_STILL,
    "WorkerLostError|exited with",
    "no work comes though there is some",  # the beat's word to the consumer, where that is closing down just then
)
