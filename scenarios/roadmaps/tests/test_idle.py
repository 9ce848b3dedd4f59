"""What idle workers send to Redis is counted by the minute, and held to a limit."""

from dataclasses import replace

from scenarios.roadmaps.bench.idle import CASES, Count, figure_of


class Counted:
    """A Redis that has been sent these commands."""

    def __init__(self, **calls: int) -> None:
        self.calls = calls

    def info(self, section: str) -> dict[str, dict[str, int]]:
        assert section == "commandstats"
        return {f"cmdstat_{name}": {"calls": count, "usec": 9} for name, count in self.calls.items()}


def test_commands_are_counted_by_the_minute_without_the_questions_themselves():
    before = replace(Count.of(Counted(brpop=3, ping=2)), at=100.0)
    after = replace(Count.of(Counted(info=7, brpop=27, ping=2, publish=36)), at=280.0)
    assert list(after.since(before).items()) == [("publish", 12.0), ("brpop", 8.0)]


def test_an_idle_worker_is_held_to_the_limit_of_its_case():
    seen, unseen = (case for case in CASES if case.service == "roadmap-celery-logs")
    assert (seen.env, seen.most) == ({}, 40)
    assert (unseen.env, unseen.most) == ({"CELERY_HEARTBEAT_INTERVAL_SECONDS": "0"}, 30)
    assert not figure_of(seen, {"brpop": 30.0, "ping": 10.5}).held
    held = figure_of(seen, {"brpop": 30.0, "ping": 10.0})
    assert (held.held, held.value, held.detail) == (True, 40.0, "brpop 30.0, ping 10.0")
