"""Backup and restore with the commands of docs/operations.md, into a fresh cluster, whose transaction ids begin again."""

import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest

from harness import eventually
from scenarios.material import curriculum
from scenarios.operations.cluster import fresh_cluster, programs
from scenarios.roadmaps.application import ROOT
from scenarios.roadmaps.expected_errors import CONNECTION_LOST, DATABASE_GONE, REDIS_GONE
from scenarios.roadmaps.services import API, CONTENT, LOGS
from scenarios.settings import QUICK

pytestmark = [pytest.mark.e2e, pytest.mark.once, pytest.mark.needs("hurt", "pids", "programs")]
pytestmark += [pytest.mark.stack(env=QUICK, own_servers=True), pytest.mark.timeout(240)]
GUIDES = ("docs/operations.md", "docs/operations.zh.md")
ROLES = (API, CONTENT, LOGS)
AHEAD = 50 * 1_048_576  # transactions: a multiple of the size of a commit-status segment
EARLIER = "SELECT transaction_id || '-' || number AS id FROM execution_logs WHERE id = $1::uuid"


def commands(guide: str) -> list[str]:
    """The guide's commands in order."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", (ROOT / guide).read_text(), re.DOTALL | re.MULTILINE)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


def shell(command: str, folder: Path, **variables: str) -> None:
    """Run a command with the programs of our server, or else those of this machine."""
    path = f"{programs()}{os.pathsep}{os.environ['PATH']}"
    program, *_ = command.split()
    assert shutil.which(program, path=path), f"there is no {program}"
    done = subprocess.run(
        ["bash", "-euc", command],
        cwd=folder,
        env={"PATH": path, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def as_read(roadmap):
    """Everything that the owner can read of a roadmap."""
    read, status = roadmap.read(), roadmap.status()
    parts = [
        roadmap.concept(concept["id"])
        for stage in read["stages"]
        for module in stage["modules"]
        for concept in module["concepts"]
    ]
    return read, status, parts, roadmap.logs(), roadmap.log_summary()


def stored(roadmap):
    summary = roadmap.log_summary()
    return summary["emitted"] == summary["stored"]


def followed(roadmap, after=""):
    with roadmap.events(after=after) as events:
        return [event.data["id"] for event in events]


def test_both_guides_show_the_same_commands():
    """Readers of the Chinese guide type the same commands."""
    english, chinese = map(commands, GUIDES)
    assert [command.split()[0] for command in english] == ["pg_dump", "pg_restore", "psql"]
    assert chinese == english


@pytest.mark.in_turn
@pytest.mark.parametrize("ahead", [False, True], ids=["transactions far behind", "transactions far ahead"])
def test_a_restored_service_goes_on_where_it_was(system, tmp_path, ahead):
    """Roadmaps that had ended, one half-way, its stream read to the middle: all read as before, the stream goes on and ends, new ones work."""
    system.expect_errors_while_hurt(f"{REDIS_GONE}|{DATABASE_GONE}|{CONNECTION_LOST}", "roadmap-*", most=50)
    dump, restore, analyze = commands(GUIDES[0])
    user = system.api.sign_up()
    system.openai.on(step="intent", contains="no roadmap").refuse()
    ended = [user.create_roadmap(topic) for topic in ("Rust", "Go, but no roadmap")]
    assert [roadmap.wait_until_ended()["status"] for roadmap in ended] == ["completed", "failed"]
    system.openai.on(step="curriculum", contains="Zig").reply(curriculum("a", "b", "c"))
    system.openai.on(step="quiz", concept="b").hang(times=1)
    halfway = user.create_roadmap("Zig")
    asked = "SELECT count(*) FROM generation_steps WHERE request_id = $1::uuid AND status = 'completed'"
    eventually(lambda: system.database.value(asked, halfway.id) == 10, timeout=30, what="every other part")
    eventually(lambda: len(halfway.logs()) >= 11, timeout=20, what="its log so far")
    with halfway.events() as events:
        seen = [event for event, _ in zip(events, range(5), strict=False)]
    if not ahead:  # as if the old cluster had run for years
        system.database.execute("UPDATE execution_logs SET transaction_id = transaction_id + 1000000000000")
    last = [seen[-1].id, system.database.value(EARLIER, seen[-1].data["id"])]
    for roadmap in ended:
        eventually(
            lambda roadmap=roadmap: stored(roadmap), timeout=20, what="the whole log of what has ended"
        )
    before = [as_read(roadmap) for roadmap in ended]

    shell(dump, tmp_path, DATABASE_URL=system.stack.servers.database_url)
    lost = user.create_roadmap("Ada")
    eventually(lost.logs, timeout=20, what="events that no backup has")
    with lost.events() as events:
        ahead_of_all = next(events).id
    for role in ROLES:
        system.node(role).kill()
    system.node("postgres").kill()
    # It was accepted and paid for after the backup, so the restore loses it.
    system.forgotten(roadmap_id=lost.id)
    system.until_judged(fresh_cluster(system, AHEAD if ahead else 0))
    for command in (restore, analyze):
        shell(command, tmp_path, NEW_DATABASE_URL=system.stack.servers.database_url)
    system.stack.redis.flushdb()  # Redis is new too
    for role in ROLES:
        system.node(role).start()
    system.stack.wait_until_ready(list(ROLES))

    assert [as_read(roadmap) for roadmap in ended] == before
    for roadmap in ended:
        assert followed(roadmap) == [event["id"] for event in by_place(system, roadmap)]
    user.expect(404, "GET", lost.path)
    assert halfway.wait_until_ended()["status"] == "completed"
    asked_for = [(call.step, call.concept) for call in system.openai.calls(request=halfway.id)]
    assert Counter(asked_for) == {call: 1 + (call == ("quiz", "b")) for call in asked_for}
    whole = followed(halfway)
    for mark in last:
        rest = followed(halfway, after=mark)
        assert [event.data["id"] for event in seen] + rest == whole
    for mark in (str(uuid4()), ahead_of_all, f"{2**63 - 1}-{2**63 - 1}"):
        assert followed(halfway, after=mark) == whole
    new = user.create_roadmap("Erlang")
    assert new.wait_until_ended()["status"] == "completed"
    assert set(followed(new)) == {event["id"] for event in new.logs()}


def by_place(system, roadmap):
    return system.database.rows(
        "SELECT id::text FROM execution_logs WHERE request_id = $1::uuid ORDER BY position", roadmap.id
    )
