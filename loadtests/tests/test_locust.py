"""The Locust file as a planner runs it, in its own processes, because Locust patches the process that imports it."""

import json
import shutil
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from harness.base import pace
from harness.nodes.ports import ReservedPort

ROOT = Path(__file__).parents[2]
LOCUSTFILE = ROOT / "loadtests" / "locustfile.py"
LOCUST = (sys.executable, "-m", "locust", "--headless", "--only-summary", "-f")
# A busy machine: the master starts its workers once they are connected, which may be before Locust's event `init`.
SLOW = f"""
import sys
from gevent import sleep
from locust import events
from locust.runners import WorkerRunner
events.init.add_listener(lambda runner, **_: sleep(3) if isinstance(runner, WorkerRunner) else None)
sys.path.append({str(ROOT)!r})
from loadtests.locustfile import *
"""


def locust(*words, cwd):
    return subprocess.run(
        [*LOCUST, LOCUSTFILE, *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=90 * pace.factor(),
        check=False,
    )


def loaded(look, cwd=ROOT):
    """The names of a Python process' modules after it has run this code in a folder."""
    done = subprocess.run(
        [sys.executable, "-c", f"{look}; import sys; print(*sys.modules)"],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60 * pace.factor(),
        check=True,
    )
    return set(done.stdout.split())


def test_the_locust_process_imports_nothing_of_the_app_and_only_its_own_room_of_the_harness():
    found = loaded(f"import runpy; runpy.run_path({str(LOCUSTFILE)!r})")
    assert not {name for name in found if name.split(".")[0] in {"app", "scenarios", "asyncpg", "httpx"}}
    ours = {name for name in found if name.split(".")[0] in {"harness", "loadtests"}}
    assert "harness.load.locust.session" in ours
    assert {name for name in ours if not name.startswith("harness.load.locust.")} == {
        *("harness", "harness.base", "harness.base.exits", "harness.load", "harness.load.locust"),
        *("loadtests", "loadtests.traffic", "loadtests.users"),
    }


def test_the_image_of_the_generator_has_what_its_process_imports(tmp_path):
    """As Dockerfile.tools copies it, in a folder where nothing else of the checkout can be found."""
    stage = (ROOT / "Dockerfile.tools").read_text().partition("FROM base AS load\n")[2]
    for *sources, target in (line.split()[1:] for line in stage.splitlines() if line.startswith("COPY ")):
        for source in (ROOT / name for name in sources if not name.startswith("--")):
            if source.is_dir():
                shutil.copytree(source, tmp_path / target)
            elif source.is_relative_to(ROOT / "harness"):
                (tmp_path / target).mkdir(parents=True, exist_ok=True)
                shutil.copy(source, tmp_path / target)
    found = loaded(
        "import sys, loadtests.locustfile; import harness.load.locust as room; "
        f"assert room.__file__.startswith({str(tmp_path)!r})",
        cwd=tmp_path,
    )
    assert "harness.load.locust.session" in found


def test_who_only_drives_a_url_need_not_have_what_a_stack_is_made_of():
    found = loaded("import harness.load.judge_process, loadtests.declaration")
    assert not {"asyncpg", "celery", "httpx", "redis", "testcontainers", "typer"} & found


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--host", "http://127.0.0.1:9"), "give --provider"),
        (("--no-verdict",), "--no-verdict needs --host"),
        (
            ("--host", "http://127.0.0.1:9", "--provider", "http://127.0.0.1:9"),
            "no scripted provider answers",
        ),
        (("--host", "http://127.0.0.1:9", "--allow-paid", "--profile", "hill"), "there is no profile 'hill'"),
    ],
)
def test_what_must_not_begin_is_refused_with_code_2(tmp_path, words, said):
    done = locust(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_service_that_lets_nobody_in_is_an_invalid_run(tmp_path):
    done = locust(*("--host", "http://127.0.0.1:9", "--allow-paid", "--profile", "burst"), cwd=tmp_path)
    assert done.returncode == 4, done.stderr
    assert "INVALID" in done.stdout


@contextmanager
def workers(files, port, cwd):
    """Start workers as on separate machines: they get the master's address and nothing else."""
    words = ("--worker", "--master-host", "127.0.0.1", "--master-port", str(port))
    started = [
        subprocess.Popen(
            [*LOCUST, file, *words], cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for file in files
    ]
    try:
        yield
    finally:
        for one in started:
            one.terminate()
            one.wait(20)


@pytest.mark.in_turn
@pytest.mark.e2e
@pytest.mark.parametrize("generators", ["one process", "two processes", "two machines, one slow"])
def test_a_burst_is_carried_and_recorded(system, tmp_path, generators):
    """Every roadmap of a burst comes to its end, seen by one process or by a master from its workers' reports."""
    provider, count = system.openai.base_url, 1 if generators == "one process" else 2
    words = ["--profile", "burst", "--at-once", "20", "-t", "2s", "--readers", "1"]
    with ExitStack() as machines:
        if generators == "two processes":
            words += ["--processes", str(count)]
        elif generators == "two machines, one slow":
            (slow := tmp_path / "slow.py").write_text(SLOW)
            port = machines.enter_context(ReservedPort()).number
            words += ["--master", "--expect-workers", str(count), "--master-bind-port", str(port)]
            machines.enter_context(workers([LOCUSTFILE, slow], port, tmp_path))
        done = locust(
            *("--host", system.api.base_url, "--provider", provider, "--record", "seen", *words), cwd=tmp_path
        )
    verdict = json.loads((tmp_path / "seen" / "verdict.json").read_text())["tiers"][0]
    assert done.returncode == verdict["exit_code"], done.stderr
    # "invalid" if this machine was too busy to be in time.
    assert verdict["outcome"] in {"pass", "invalid"}
    roadmaps = [json.loads(line) for line in (tmp_path / "seen" / "roadmaps.ndjson").read_text().splitlines()]
    for roadmap in roadmaps:
        system.promised(roadmap_id=roadmap["id"])
    ids = {str(row["id"]) for row in system.database.rows("SELECT id FROM roadmap_requests")}
    assert {roadmap["id"] for roadmap in roadmaps} == ids
    assert len(ids) == 20
    assert {roadmap["outcome"] for roadmap in roadmaps} == {"completed"}
    document = json.loads((tmp_path / "seen" / "generator.json").read_text())
    assert document["offered"] == {"burst": 20}
    assert len(document["processes"]) == count


@pytest.mark.in_turn
@pytest.mark.e2e
@pytest.mark.parametrize(("tags", "kinds"), [("browse", {"GET"}), ("create", {"GET", "POST"})])
def test_tags_choose_who_comes(system, tmp_path, tags, kinds):
    """Readers alone ask for no roadmap, which makes the run invalid; an author alone has nobody beside him."""
    # Signing up is slow on purpose (argon2): few readers, and enough time for each to read even on a busy machine.
    words = ("--tags", tags, "--profile", "burst", "--at-once", "2", "--readers", "4", "-t", "24s")
    done = locust(
        *("--host", system.api.base_url, "--provider", system.openai.base_url, "--record", "seen", *words),
        cwd=tmp_path,
    )
    assert done.returncode == 4, done.stderr
    document = json.loads((tmp_path / "seen" / "generator.json").read_text())
    asked = [one["kind"] for one in document["requests"] if "/api/v1/roadmaps" in one["kind"]]
    assert {kind.split()[0] for kind in asked} == kinds
    for line in (tmp_path / "seen" / "roadmaps.ndjson").read_text().splitlines():
        system.promised(roadmap_id=json.loads(line)["id"])
    made = system.database.value("SELECT count(*) FROM roadmap_requests")
    assert made == (2 if tags == "create" else 0)
    assert ("GET /api/v1/roadmaps" in asked) == (tags == "browse")
