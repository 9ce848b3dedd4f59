"""An operator's mistake in DATABASE_URL or in its database: one line, no traceback, and no part of the password."""

import asyncio
import os
import re
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from app.migrations import HEAD
from harness import eventually
from scenarios.probes import http_get
from scenarios.roadmaps.services import API, CONTENT, LOGS

SECRET = "hunter2-7c1f0a"
pytestmark = [pytest.mark.e2e, pytest.mark.once, pytest.mark.stack(start=())]
NEXT = "9999"
REVISED = "UPDATE alembic_version SET version_num = $1, oldest_program = $2"


def at(system, **parts: str) -> str:
    """The stack's own address with some parts changed."""
    written = urlsplit(system.stack.servers.database_url)
    user, password = parts.get("user", written.username), parts.get("password", written.password)
    place = parts.get("place", f"{written.hostname}:{written.port}")
    return f"postgresql://{user}:{password}@{place}{parts.get('path', written.path)}"


def administer(system, *statements: str) -> None:
    """Run statements as a user who may make roles, which not every stack's own user may."""
    servers = system.stack.servers

    async def run() -> None:
        connection = await asyncpg.connect(servers.admin_url or servers.database_url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())


def ends(system, service: str, said: str, **variables: str):
    """Start a service that ends at once with 78; see `ended`."""
    name = f"{service}-{uuid4().hex[:6]}"
    system.expect_errors(said, name)
    system.leave_down(name)
    return system.deploy(service, name=name, **variables)


def ended(system, node, said: str) -> None:
    """Check that the node has ended with 78 and logged the reason in one line."""
    eventually(lambda: not node.alive, timeout=60, what="its end", evidence=lambda: node.log.tail(5))
    assert node.returncode == os.EX_CONFIG
    node.log.wait_for(said, timeout=10)
    (line,) = system.log_lines(node.name, level="error")
    assert re.search(said, line["message"])
    assert "exception" not in line
    for word in (SECRET, "Traceback"):
        assert word not in node.log.text()


SLIPS = {
    "refuses the user or its password": {"password": SECRET},
    "refuses the user or its password: correct them": {"user": f"nobody-{SECRET}"},
    "is not there under this name": {"path": f"/{SECRET}"},
}


@pytest.mark.parametrize("service", [API, LOGS])
def test_a_wrong_address_ends_a_role_in_one_line(system, service):
    """A wrong password, an unknown user or database: a role ends with 78 and says in one line what to correct."""
    wrong = {f"DATABASE_URL: the database .*{said}": parts for said, parts in SLIPS.items()}
    nodes = [
        ends(
            system,
            service,
            said,
            DATABASE_URL=at(system, **parts),
        )
        for said, parts in wrong.items()
    ]
    for said, node in zip(wrong, nodes, strict=True):
        ended(system, node, said)


def test_a_database_of_another_program_is_refused_by_all_roles_alike(system):
    """A revision that is not ours ends the API and a worker in the same line, and so does a newer one that does not allow us."""
    for revision, oldest, said in (
        ("deadbeef1234", None, "revision deadbeef1234 is none of this program's"),
        (NEXT, NEXT, f"revision {NEXT} needs a program of revision {NEXT} or newer"),
    ):
        system.database.value(REVISED, revision, oldest)
        nodes = [ends(system, service, said) for service in (API, LOGS)]
        for node in nodes:
            ended(system, node, said)


def test_no_connection_is_left_and_then_there_is(system):
    """While a user has all the connections it may have, the API and a worker wait and say so; then they work."""
    administer(
        system,
        f"CREATE ROLE crowded LOGIN PASSWORD '{SECRET}' CONNECTION LIMIT 0",
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO crowded",
    )
    url = at(system, user="crowded", password=SECRET)
    nodes = [system.deploy(service, DATABASE_URL=url) for service in (API, LOGS, CONTENT)]
    for node in nodes:
        node.log.wait_for("has too many connections already", timeout=30)
    administer(
        system,
        "ALTER ROLE crowded CONNECTION LIMIT 50",
        "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO crowded",
    )
    system.stack.wait_until_ready([API, LOGS, CONTENT])
    for node in nodes:
        assert SECRET not in node.log.text()


def test_old_roles_restart_on_a_newer_schema_that_allows_them(system):
    """During a deploy, and after a rollback: roles of the release before start again on the newer schema, and work."""
    system.database.value(REVISED, NEXT, HEAD)
    for service in (LOGS, CONTENT, API):
        system.node(service).start()
    system.stack.wait_until_ready([API, LOGS, CONTENT])
    for service in (CONTENT, API):
        system.node(service).stop()
        system.node(service).start()
    system.stack.wait_until_ready([API, CONTENT])
    assert system.api.sign_up().create_roadmap("Rust").wait_until_ended()["status"] == "completed"
    assert http_get(f"{system.api_url}/health/ready", timeout=20).status_code == 200
    assert system.database.value("SELECT version_num FROM alembic_version") == NEXT


def test_a_server_without_tls_is_named(system):
    """`sslmode=require` at a server that speaks none ends a role in one line."""
    said = "speaks no TLS"
    ended(system, ends(system, API, said, DATABASE_URL=f"{at(system)}?sslmode=require"), said)
