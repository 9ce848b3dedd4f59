"""Work leaves nothing behind that grows: no connections, and no results that stay for ever."""

from redis import Redis

from harness.evidence.checks.finding import Finding
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.row import judged
from harness.experiments.trial.stage import ENDS_SECONDS, Stage

PIECES = 4
SETTLES_SECONDS = 3.0
RESULTS = "celery-task-meta-*"
FOR_EVER = -1  # TTL of a key that does not expire


def play(stage: Stage) -> Finding:
    """Do two rounds of work: the increase of the second one is the increase of each."""
    _round(stage)
    before = _links(stage)
    if not _round(stage):
        return Finding.unknown("work did not end; see the promise `undisturbed`")
    stage.wait(lambda: not _grown(before, _links(stage)), SETTLES_SECONDS)
    faults = _grown(before, _links(stage))
    kept = _results_for_ever(stage)
    if kept:
        faults.append(f"{kept} results of tasks stay in Redis for ever")
    return judged(faults, f"{2 * PIECES} pieces of work left no connection open and no result for ever")


def _round(stage: Stage) -> bool:
    for _ in range(PIECES):
        stage.must_ask()
    return stage.all_end(ENDS_SECONDS)


def _links(stage: Stage) -> dict[str, int]:
    links = stage.stack.substrate.links
    names = [f"{role}/{server}" for role in stage.app.roles for server in ("postgres", "redis")]
    return {name: links.stats(name)["open"] for name in names if name in links}


def _grown(before: dict[str, int], now: dict[str, int]) -> list[str]:
    return [
        f"{PIECES} pieces of work left {now[name] - before[name]} more connections open: {name}, {before[name]} became {now[name]}"
        for name in before
        if now[name] - before[name] >= PIECES
    ]


def _results_for_ever(stage: Stage) -> int:
    kept = 0
    for url in stage.stack.redis_urls:
        with Redis.from_url(url, socket_timeout=10) as redis:
            kept += sum(redis.ttl(key) == FOR_EVER for key in redis.scan_iter(RESULTS))
    return kept


LEAVES_NOTHING = Promise(
    name="leaves-nothing",
    sentence="Work leaves no connection open, and no result that stays for ever",
    mend="close what a task opens, in a finally; set result_expires, or ignore_result where nobody reads it",
    play=play,
    applies=lambda app: bool(app.queues),
)
