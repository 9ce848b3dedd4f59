"""Forked from the warm process, a stack of the product is as if each of its roles had been started anew."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from harness import Stack, StackSpec, eventually
from harness.nodes.fork_server_client import ForkServerClient
from scenarios.roadmaps.application import DEPLOYMENT, ROOT, app
from scenarios.roadmaps.libraries import LIBRARIES
from scenarios.roadmaps.services import API, CONTENT

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.once,
    pytest.mark.skipif(
        sys.platform != "linux", reason="only Linux lets a process adopt what it did not start"
    ),
]


@pytest.fixture(scope="module")
def warm():
    with ForkServerClient(app.libraries, app.read_at_import) as parent:
        yield parent


def test_the_libraries_are_all_that_the_roles_import_and_nothing_of_ours():
    """In a new interpreter, for this one has imported everything."""
    program = """
        import importlib, json, sys
        from harness.nodes.fork_server import import_libraries
        libraries, roles = json.loads(sys.argv[1])
        import_libraries(libraries)
        assert not [name for name in sys.modules if name.partition(".")[0] == "app"]
        before = set(sys.modules)
        standard = set(sys.stdlib_module_names)
        for name in roles:
            importlib.import_module(name)
        new = {name.partition(".")[0] for name in set(sys.modules) - before} - standard - {"app", "harness"}
        print(*sorted(name for name in set(sys.modules) - before if name.partition(".")[0] in new))
    """
    roles = ["app.entrypoint", "app.main", "app.core.migration", "app.core.schema", "app.core.celery_app"]
    roles += [
        "app.tasks.content",
        "app.tasks.logs",
        "app.tasks.canary",
        "app.tasks.beat",
        "app.roadmaps.provider",
    ]
    provided = {"Postgres": {"DATABASE_URL": "postgresql://a:b@c/d"}, "Redis": {"REDIS_URL": "redis://e"}}
    secrets = dict.fromkeys(DEPLOYMENT.secrets, "0123456789abcdef" * 2)
    environments = DEPLOYMENT.environments(tier="starter", provided=provided, secrets=secrets)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), json.dumps([LIBRARIES, roles])],
        env=environments[API] | {"OPENAI_API_KEY": "sk"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == ("", "")


def processes(stack: Stack) -> dict[str, list[dict[str, int]]]:
    """Of each role: the main process, then the others in no order, each with the signals it catches, ignores and blocks."""
    found = {}
    for name in stack.environments:
        if name in stack.nodes:
            main = psutil.Process(stack.node(name).pid)
            children = [
                child
                for child in main.children(recursive=True)
                if "resource_tracker"
                not in " ".join(child.cmdline())  # multiprocessing's, for what it spawns
            ]
            found[name] = [signals(main.pid), *sorted((signals(child.pid) for child in children), key=str)]
    return found


def signals(pid: int) -> dict[str, int]:
    """The masks of proc(5), without the two signals that the C library keeps for its threads."""
    lines = (line.split() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    masks = {words[0]: int(words[1], 16) for words in lines if words[0] in {"SigBlk:", "SigIgn:", "SigCgt:"}}
    return {name: mask & ~(0b11 << 31) for name, mask in masks.items()}


def test_a_forked_stack_has_the_processes_and_signals_of_a_spawned_one(warm):
    with Stack(StackSpec(), "spawned") as spawned, Stack(StackSpec(), "forked", fork_server=warm) as forked:
        eventually(
            lambda: processes(forked) == processes(spawned),
            timeout=10,
            what="the same processes",  # the API is ready before each of its processes is
            evidence=lambda: f"{processes(forked)} forked, {processes(spawned)} spawned",
        )
        supervisor = psutil.Process(forked.substrate.supervisor.pid)
        assert supervisor.ppid() == warm.pid
        roles = [
            psutil.Process(forked.node(name).pid) for name in forked.environments if name in forked.nodes
        ]
        assert {role.ppid() for role in roles} == {supervisor.pid}
        for stack in (spawned, forked):
            assert stack.node(API).stop() == 0
            assert stack.node(CONTENT).stop() == 0
