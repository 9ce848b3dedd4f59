"""Settings under which what takes minutes in production takes seconds: leases, sweeps, time-outs. The nightly run uses none."""

LEASE_SECONDS = 2.0
SWEEP_SECONDS = 0.2
QUICK = {
    "SWEEP_INTERVAL_SECONDS": str(SWEEP_SECONDS),
    "DISPATCH_GRACE_SECONDS": "0.5",
    "LEASE_SECONDS": str(LEASE_SECONDS),
    "CELERY_SOFT_SHUTDOWN_SECONDS": "1",
    "CELERY_POLLING_INTERVAL_SECONDS": "1",
    "LOGS_VISIBILITY_TIMEOUT_SECONDS": "5",
}
# After so long another worker has the work of a killed one.
TAKEN_OVER_SECONDS = LEASE_SECONDS + SWEEP_SECONDS + 5
