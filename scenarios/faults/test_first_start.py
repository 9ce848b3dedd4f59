"""Several APIs meet an empty database: one migrates it and makes the administrator; if that API dies, another API does it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from harness import Killed, Slow, eventually
from scenarios.probes import locks
from scenarios.roadmaps.services import API, CONTENT, LOGS
from scenarios.settings import QUICK

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.needs("hurt"),
    pytest.mark.stack(schema=False, start=(), env=QUICK),
]
OTHERS = (f"{API}-2", f"{API}-3")
DONE = "the database is at revision"


def done(system, *names: str) -> list[str]:
    """The line of each API after its preparation of the database."""
    return [
        line["message"]
        for name in names
        for line in system.log_lines(name, logger="app.core.migration")
        if DONE in line["message"]
    ]


@pytest.mark.row(17)
def test_replicas_that_start_together_migrate_once(system):
    """Three APIs start at once on an empty database: one migration, one administrator, and all of them serve."""
    with ThreadPoolExecutor() as pool:
        starting = [pool.submit(system.node(API).start)]
        starting += [pool.submit(system.deploy, API, name=name) for name in OTHERS]
        for start in starting:
            start.result()
    said = eventually(
        lambda: found if len(found := done(system, API, *OTHERS)) == 3 else None,
        timeout=60,
        what="three APIs",
    )
    assert sum("migrated now" in line for line in said) == 1
    assert sum("was created" in line for line in said) == 1
    assert system.database.value("SELECT count(*) FROM users WHERE is_admin") == 1
    system.faults.note("replicas at once on an empty database", API, times=3, trace="two found it migrated")
    for name in (CONTENT, LOGS):
        system.node(name).start()
    system.stack.wait_until_ready([API, CONTENT, LOGS])
    assert system.api.sign_up().create_roadmap("Rust").wait_until_ended()["status"] == "completed"


@pytest.mark.row(18)
def test_a_migration_whose_api_is_killed_is_done_by_the_next(system):
    """The API that migrates is killed in the middle: the one that waited for it migrates, and there is one administrator."""
    with ExitStack() as until_it_is_done:
        with system.faults.inject(Slow(f"{API}/postgres", 0.03)):
            system.node(API).start()
            eventually(
                lambda: locks(system, granted=True, kind="advisory"), timeout=30, what="an API that migrates"
            )
            second = system.deploy(API, name=OTHERS[0])
            eventually(
                lambda: locks(system, granted=False, kind="advisory"), timeout=30, what="an API that waits"
            )
            assert done(system, API) == []
            killed = system.faults.inject(Killed(API), recovered=lambda: done(system, API), within=60)
            until_it_is_done.enter_context(killed)
        eventually(lambda: done(system, second.name), timeout=60, what="a migration by the second")
    assert "migrated now" in done(system, second.name)[0]
    assert "nothing to migrate" in done(system, API)[0]
    assert system.database.value("SELECT count(*) FROM users WHERE is_admin") == 1
    for name in (CONTENT, LOGS):
        system.node(name).start()
    system.stack.wait_until_ready([API, CONTENT, LOGS])
    assert system.api.sign_up().create_roadmap("Rust").wait_until_ended()["status"] == "completed"
