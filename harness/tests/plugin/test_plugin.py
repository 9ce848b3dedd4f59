"""The plugin is tried from outside, on scenarios that are wrong on purpose."""

import json
import re
import sys
from pathlib import Path

import pytest

from harness.tests.shop.project_folder import ProjectFolder

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
SCENARIOS = """
import os
import psutil
import pytest
from harness.stack.client import use

def test_fails(system):
    system.api.ask()
    assert system.api is None

def test_logs_an_error(system):
    path = system.node("web").log.path
    with path.open("a") as log:
        log.write('{"level": "error", "message": "the pool is on fire"}\\n')

def test_expects_the_error(system):
    system.expect_errors("pool is on fire")
    with system.node("web").log.path.open("a") as log:
        log.write('{"level": "error", "message": "the pool is on fire"}\\n')

def test_checks_that_nothing_was_lost(system):
    use(system.stack)
    system.database.execute("TRUNCATE orders CASCADE")
    system.check()

def test_begins_anew(system):
    assert system.database.value("SELECT count(*) FROM orders") == 0
    assert system.database.value("SELECT nextval('orders_number_seq')") == 1

@pytest.mark.stack(tier="market", env={"SHOP_SIGN": "another"})
def test_another_stack(system, pytestconfig):
    is_ours = psutil.Process(system.stack.substrate.supervisor.pid).ppid() == os.getpid()
    assert is_ours == pytestconfig.getoption("spawn")
    assert len(psutil.Process(system.node("packer").pid).children()) == 2
    assert system.stack.environments["web"]["SHOP_SIGN"] == "another"
"""


@pytest.fixture
def outside(pytester):
    """The shop's project, with scenarios that are wrong."""
    ProjectFolder.copy(pytester.path)
    pytester.makepyfile(SCENARIOS)
    return pytester


def run(outside, *arguments):
    return outside.runpytest_subprocess("--substrate", "embedded", *arguments)


def test_each_wrong_scenario_is_seen_and_shown(outside):
    result = run(outside)
    result.assert_outcomes(passed=4, failed=2, errors=1)
    shown = result.stdout.str()
    assert "stack: tier corner on embedded" in shown
    assert re.search(r"web, \d+ lines, \S+web\.log", shown)
    assert re.search(r'"POST /orders HTTP/1.1" 201', shown)
    assert re.search(r"no_unexpected_error violated: web: .*the pool is on fire", shown)
    assert re.search(r"nothing_lost violated: order 1 was accepted and is lost", shown)
    assert re.search(r"everything: \S+", shown)
    *_, evidence, _rule, first_page, second_page, third_page, last = shown.rstrip().splitlines()
    for page in (first_page, second_page, third_page):
        assert Path(page).name == "trace.html"
        assert '<header class="failed">' in Path(page).read_text(encoding="utf-8")
    assert re.match(r"test_each_\S+::test_checks_that_nothing_was_lost: /|.*test_logs_an_error: /", evidence)
    assert "2 failed" in last


RED = """
from harness import eventually

def test_ends_too_early(system):
    system.api.ask()
    with system.node("web").log.path.open("a") as log:
        log.write('{"level": "error", "message": "the pool is on fire"}\\n')
        log.write('{"level": "error", "message": "the roof is on fire"}\\n')
    for number in range(50):
        with system.node("web").log.path.open("a") as log:
            log.write('{"level": "info", "message": "GET /%d"}\\n' % number)
    system.until_judged(unclean())
    eventually(lambda: 6 * 7 == 54, timeout=0.1, what="another answer")
    system.expect_errors("pool is on fire", "web")

import contextlib

@contextlib.contextmanager
def unclean():
    yield
    raise OSError("what the teardown found")
"""


def test_a_failure_is_told_in_the_order_in_which_it_is_understood(outside):
    outside.makepyfile(RED)
    result = run(outside, "-k", "too_early")
    shown = result.stdout.str()
    told = [
        "test_ends_too_early",
        r">       eventually\(lambda: 6 \* 7 == 54",
        "no_unexpected_error violated: web: .*the roof is on fire",
        "waited .* s for another answer",
        "last seen: False, for 6 \\* 7 is 42",
        r"GET /49 \(50 times like that\)",
        "what the teardown found after that",
        "OSError: what the teardown found",
        "harness recheck",
        r"trace\.html",
    ]
    assert re.search(".*".join(told), shown, re.DOTALL)
    assert not re.search(r"violated: .*pool is on fire", shown)
    assert "def eventually(" not in shown
    assert "GET /20" not in shown
    result.assert_outcomes(failed=1, errors=1)


def test_the_evidence_of_a_failure_lies_in_one_folder_without_a_secret(outside):
    outside.makepyfile(
        """
        from harness.stack.client import use

        def test_before(system):
            system.database.execute("INSERT INTO orders (what, state) VALUES ('coffee for eve', 'packed')")

        def test_fails(system):
            use(system.stack)
            database_url, secrets = system.stack.servers.database_url, system.stack.secrets
            system.stack.redis.set("kept", database_url)
            print("secrets", secrets)
            assert database_url == list(secrets.values())
        """
    )
    result = run(outside)
    result.assert_outcomes(passed=1, failed=1)
    (shown,) = re.findall(r"::test_fails: (/\S+)", result.stdout.str())
    folder = Path(shown)
    texts = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.*")}
    wanted = {"failure.txt", "journal.ndjson", "queues.json", "states.json", "redis.ndjson"}
    wanted |= {"provider.ndjson", "environment.json"}
    wanted |= {f"logs/{name}.log" for name in ("web", "packer", "postgres", "redis")}
    wanted |= {f"database/{name}.ndjson" for name in ("orders", "parcels")}
    assert wanted <= set(texts)
    assert "missing.txt" not in texts
    assert "assert database_url == list" in texts["failure.txt"]
    assert "eve" not in texts["journal.ndjson"] + texts["database/orders.ndjson"]
    assert '"state": "packed"' in texts["database/orders.ndjson"]
    assert json.loads(texts["states.json"]) == {"order": {"1": "packed"}}
    keys = [json.loads(line) for line in texts["redis.ndjson"].splitlines()]
    assert {(key["database"], key["key"]) for key in keys} >= {(1, "_kombu.binding.parcels"), (1, "kept")}
    environment = json.loads(texts["environment.json"])["web"]
    assert environment["SHOP_SEAL"] == "<secret>"
    assert environment["SHOP_DATABASE"].startswith("postgresql://harness:<database password>@")
    forms = [r"\b[0-9a-f]{64}\b", "harness-local-only"]
    assert [(name, form) for name, text in texts.items() for form in forms if re.search(form, text)] == []


def test_a_bundle_and_a_run_can_be_judged_again(outside):
    run(outside, "-k", "nothing_was_lost")
    project = ProjectFolder(outside.path)
    (folder,) = project.runs.iterdir()
    for what in (folder.name, next((folder / "failures").iterdir())):
        judged = project.harness("recheck", str(what))
        assert judged.returncode == 1, judged.stderr
        assert re.search(r"nothing_lost +violated +order 1 was accepted and is lost", judged.stdout)
        assert re.search(r"no_unexpected_error +holds", judged.stdout)


@pytest.mark.in_turn
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_session_can_be_judged_again_as_a_whole(outside, workers):
    shown = run(outside, "-k", "nothing_was_lost or begins_anew", *workers).stdout.str()
    session = re.search(r"judge all of it again: harness recheck (\S+)", shown)[1]
    judged = ProjectFolder(outside.path).harness("recheck", session)
    assert judged.returncode == 1, judged.stderr
    assert re.search(r"test_checks_that_nothing_was_lost +verdict +violated +it failed when", judged.stdout)
    assert "begins_anew" not in judged.stdout
    opened = ProjectFolder(outside.path).harness("open", "--print")
    page = Path(opened.stdout.strip())
    assert (opened.returncode, page.stem) == (0, session), opened.stderr
    text = page.read_text(encoding="utf-8")
    assert "<h1>1 failed, 1 passed</h1>" in text
    assert text.index("test_checks_that_nothing_was_lost") < text.index("test_begins_anew")
    linked = re.search(r'href="([^"]+trace.html)"', text)[1]
    assert (page.parent / linked).is_file()


def test_each_scenario_has_a_trace_where_that_is_wanted(outside):
    shown = run(outside, "-k", "begins_anew or another_stack", "--trace-all").stdout.str()
    pages = [Path(line) for line in shown.splitlines() if line.endswith("trace.html")]
    assert len(pages) == 2
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert '<header class="held">' in text or '<header class="unknown">' in text
        assert "corner" in text or "market" in text


def test_a_failed_scenarios_stack_can_be_kept_and_ended(outside):
    result = run(outside, "--keep-on-failure", "-k", "test_fails or test_begins_anew")
    result.assert_outcomes(passed=1, failed=1)
    shown = result.stdout.str()
    assert re.search(r"web: http://127\.0\.0\.1:\d+\n", shown)
    kept = re.search(r"end it with: harness down (\S+)", shown)[1]
    project = ProjectFolder(outside.path)
    assert project.alive() == {kept}
    assert project.harness("down", kept).stdout == f"ended {kept}\n"
    assert project.alive() == set()


def test_what_cannot_be_gathered_is_named_and_hides_nothing(outside):
    outside.makepyfile(
        """
        import pytest

        @pytest.mark.stack(own_servers=True)
        def test_fails(system):
            system.node("postgres").kill()
            assert system.api is None

        @pytest.mark.stack(own_servers=True)
        def test_fails_where_nothing_can_be_written(system):
            (system.stack.run.folder / "failures").touch()
            assert system.api is None

        @pytest.mark.stack(tier="market")
        def test_expects_no_error_and_cannot_be_stopped(system):
            stop = system.stack.substrate.stop
            def broken():
                stop()
                raise RuntimeError("it did not stop")
            system.stack.substrate.stop = broken
            with system.node("web").log.path.open("a") as log:
                log.write('{"level": "error", "message": "the pool is on fire"}\\n')
        """
    )
    result = run(outside)
    result.assert_outcomes(passed=1, failed=2, errors=1)
    shown = result.stdout.str()
    assert shown.count("assert system.api is None") >= 2
    (folder,) = re.findall(r"::test_fails: (/\S+)", shown)
    assert "database: " in (Path(folder) / "missing.txt").read_text()
    assert (Path(folder) / "logs" / "web.log").exists()
    assert re.search(r"no evidence was gathered: \w+Error", shown)
    assert "it did not stop" in shown
    assert "the pool is on fire" in shown


@pytest.mark.in_turn
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks stacks from a warm process")
@pytest.mark.parametrize(
    ("ci", "options", "spawn"), [("", (), False), ("", ("--spawn",), True), ("true", (), False)]
)
def test_a_scenarios_own_stack_is_forked_in_ci_too(outside, monkeypatch, ci, options, spawn):
    monkeypatch.delenv("CI", raising=False)
    if ci:
        monkeypatch.setenv("CI", ci)
    result = run(outside, "-k", "another_stack", *options)
    result.assert_outcomes(passed=1)
    assert spawn == ("every role is spawned" in result.stdout.str())


def test_the_scenarios_of_a_row_are_run_alone(outside):
    outside.makepyfile(
        test_rows="""
        import pytest

        @pytest.mark.row(7)
        @pytest.mark.parametrize("way", [1, 2])
        def test_seven(way):
            pass

        @pytest.mark.row(8)
        def test_eight():
            pass

        def test_none():
            pass
        """
    )
    result = run(outside, "--row", "7", "--strict-markers")
    result.assert_outcomes(passed=2, deselected=len(SCENARIOS.split("def test_")) - 1 + 2)


def test_a_scenario_file_that_cannot_be_imported_is_shown_as_pytest_does(outside):
    outside.makepyfile(test_broken="import no_such_module_anywhere")
    result = run(outside, "test_broken.py")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*1 error*"])
    result.stderr.no_fnmatch_line("*Traceback*")
