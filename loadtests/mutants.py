"""Deliberate faults, made by our settings; see harness/load/mutants.py."""

from harness.load.mutants import Mutant, greedy, half_the_slots, leaking, one_too_few, pool_of_one, slower

API, LOGS, CONTENT = "api", "celery_logs", "celery_content"
SLOWER = 1.5

MUTANTS = (
    Mutant(
        name="half-the-content-slots",
        red="counts",
        recorded=half_the_slots(CONTENT),
        env=lambda row: {"CELERY_CONTENT_CONCURRENCY": str(max(row[CONTENT] // 2, 1))},
    ),
    Mutant(
        name="prefetch-4",
        red="counts",
        recorded=greedy(CONTENT, 4),
        # Click's variable for the option of that name
        env=lambda _: {"CELERY_WORKER_PREFETCH_MULTIPLIER": "4"},
    ),
    Mutant(name="pool-of-1", red="budgets", recorded=pool_of_one, env=lambda _: {"DATABASE_POOL_SIZE": "1"}),
    Mutant(name="slow-provider", red="objectives", recorded=slower(CONTENT, SLOWER), latency=SLOWER),
    Mutant(name="leaked-connections", red="budgets", recorded=leaking, leaks=True),
    Mutant(
        name="one-api-process-too-few",
        red="counts",
        recorded=one_too_few(API),
        env=lambda row: {"UVICORN_WORKERS": str(row[API] - 1)},
    ),
)
