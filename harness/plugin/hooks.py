"""The pytest plugin: options, the `system` fixture, the `stack` marker, and what a failed scenario shows."""

import json
import os
import sys
from collections.abc import Generator, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from harness.base.browser import Browser, NoBrowserError, Programs
from harness.base.commit import head
from harness.plugin import shard
from harness.plugin.failures import Failures
from harness.plugin.fault_rows import MARKER as ROW
from harness.plugin.fault_rows import row_of
from harness.plugin.later_expectations import expect_later
from harness.plugin.occasion import (
    ALWAYS,
    CHANGE,
    EVERY,
    IN_TURN,
    SPAWNED,
    Rotation,
    needed,
    select,
    spawns,
)
from harness.plugin.properties import BUNDLE as BUNDLE_PROPERTY
from harness.plugin.properties import FAILURES, PROMISE, RUN_FOLDER, TRACE, VIOLATED
from harness.plugin.properties import ROW as ROW_PROPERTY
from harness.plugin.properties import STACK as STACK_SECTION
from harness.plugin.rows import Rows
from harness.plugin.sentence import sentence_of
from harness.plugin.session import DOOR, WORKER_ID, WORKER_INPUT, Session, add_options
from harness.plugin.shown_failure import show_failure
from harness.plugin.sign_off import SignOff
from harness.plugin.slow_machine import SlowMachine
from harness.plugin.stacks import Stacks
from harness.plugin.starting import starting
from harness.plugin.teardown_last import TeardownLast
from harness.plugin.traces import leave_trace, show_traces
from harness.substrates.choice import REMOTE, substrate
from harness.substrates.engine.engine import why_no_engine
from harness.substrates.spec import StackSpec
from harness.substrates.substrate import Capability
from harness.substrates.versions import Versions
from harness.system.bundle import Bundle
from harness.system.system import System

SYSTEM = pytest.StashKey[System]()
STACKS = pytest.StashKey[Stacks]()
SESSION = pytest.StashKey[Session]()
KEPT = pytest.StashKey[bool]()
ROW_OF = pytest.StashKey[dict[str, Any]]()  # made while the stack was there
PASSED = pytest.StashKey[bool]()  # the body
SKIPPED = pytest.StashKey[bool]()  # likewise; what is expected to fail counts as that
BUNDLE = pytest.StashKey[str]()  # its path, or why there is none
SLOW_MACHINE = "slow machine"
MARKERS = (
    "e2e: starts real servers or real roles",
    "verify: a promise of the main job, which harness verify proves",
    "stack(tier, env, omit, start, schema, own_servers, tls, shared, spawned): the stack it needs, if not the session's; see harness.substrates.spec.StackSpec",
    f"{SPAWNED}: a stack of its own is started by the entrypoint, as a deployment is, and never forked; a change does so on the first substrate that has what it needs",
    "needs(capabilities): skipped on a substrate that lacks one of them; see harness.substrates.substrate.Capability",
    "remote(paid=0): may run on a live deployment, where it costs so much work that is paid for, and touches only what it made",
    "row(number): of the table in docs/reliability.md; what it did and what came of it is kept in .harness/rows, see harness.plugin.fault_rows",
    "once: says nothing of the substrate, so each change runs it on one of them and the nightly run on the others",
    f"{EVERY}: can come out differently on each substrate, so each change runs it on all of them; see harness.plugin.occasion",
    f"{IN_TURN}: its variants are of one kind, so each change runs every third of them, at least one, and the nightly run all",
    "nightly: takes minutes and proves what other tests prove on recordings",
    "docker: needs a Docker engine, on whatever substrate; skipped where there is none",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("harness", "the stack that scenarios run on")
    add_options(group)
    shard.add_option(group)
    group.addoption(
        "--keep-on-failure", action="store_true", help="leave the stack of the first failed scenario running"
    )
    group.addoption(
        "--trace-all",
        action="store_true",
        help="write trace.html, the page that explains a scenario, of each one; else of those that failed",
    )
    group.addoption(
        "--row", type=int, help="run only the scenarios of this row of the table in docs/reliability.md"
    )
    group.addoption(
        "--occasion",
        choices=(ALWAYS, CHANGE),
        default=ALWAYS,
        help="change: leave out what other changes or the nightly run play on this substrate; see harness schedule",
    )
    group.addoption(
        "--require-docker", action="store_true", help="fail what is skipped for want of a Docker engine"
    )
    group.addoption(
        "--spawn",
        action="store_true",
        default=sys.platform != "linux",
        help="start every role by the entrypoint; else a scenario's own stack is forked from a warm process",
    )


def pytest_itemcollected(item: pytest.Item) -> None:
    """Add its promise to all its reports."""
    item.user_properties.append((PROMISE, sentence_of(item)))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With --row, only the scenarios of that row; with --occasion change, only what a change runs on this substrate."""
    wanted = config.getoption("--row")
    if wanted is not None:
        markers = {item: item.get_closest_marker(ROW) for item in items}
        _keep(
            config, items, [item for item, marker in markers.items() if marker and marker.args[0] == wanted]
        )
    where = config.stash[SESSION].where
    if config.getoption("--occasion") == CHANGE and where != REMOTE:
        _keep(config, items, select(items, where, Rotation.of(head())))


def _keep(config: pytest.Config, items: list[pytest.Item], kept: list[pytest.Item]) -> None:
    chosen = set(kept)
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = kept


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    shard.choose(config)
    controller = not hasattr(config, WORKER_INPUT)
    config.pluginmanager.register(SlowMachine(config, measure=controller), SLOW_MACHINE)
    config.stash[SESSION] = session = Session(config)
    if controller:
        config.pluginmanager.register(Rows(session.where), "rows")
        config.pluginmanager.register(SignOff(session.where), "sign off")
        config.pluginmanager.register(TeardownLast(), "teardown last")
        config.pluginmanager.register(Failures(config, session.where), FAILURES)


def pytest_unconfigure(config: pytest.Config) -> None:
    if SESSION in config.stash:
        config.stash[SESSION].close()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """A hook of pytest-xdist: tell a worker the address of the shared servers."""
    node.workerinput[DOOR] = node.config.stash[SESSION].door


def pytest_report_header(config: pytest.Config) -> str:
    parts = [
        str(config.stash[SESSION]),
        "every role is spawned" if config.getoption("--spawn") else "",
        str(Rotation.of(head())) if config.getoption("--occasion") == CHANGE else "",
        f"shard {config.getoption('--shard')}" if config.getoption("--shard") else "",
        str(config.pluginmanager.getplugin(SLOW_MACHINE)),
    ]
    return "stack: " + ", ".join(filter(None, parts))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every scenario with each version of the servers."""
    versions = metafunc.config.stash[SESSION].versions
    if "system" in metafunc.fixturenames and len(versions) > 1:
        metafunc.parametrize("versions", versions, ids=str, scope="session", indirect=True)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("docker") and (reason := why_no_engine()):
        reason = f"there is no Docker engine: {reason}"
        if item.config.getoption("--require-docker"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def versions(request: pytest.FixtureRequest) -> Versions:
    """The versions of the servers for the scenario."""
    chosen: Versions = getattr(request, "param", None) or request.config.stash[SESSION].versions[0]
    return chosen


@pytest.fixture(scope="session")
def stacks(pytestconfig: pytest.Config) -> Iterator[Stacks]:
    """The session's stacks; a worker of pytest-xdist has its own."""
    label = str(getattr(pytestconfig, WORKER_INPUT, {}).get(WORKER_ID, "tests"))
    session = pytestconfig.stash[SESSION]
    forked = not pytestconfig.getoption("--spawn")
    made = Stacks(
        session.specs,
        label,
        session.attached(),
        session.door,
        forked=forked,
        progress=partial(starting, pytestconfig),
    )
    yield made
    made.close()


@pytest.fixture
def system(
    request: pytest.FixtureRequest,
    stacks: Stacks,
    versions: Versions,
) -> Iterator[System]:
    """The system under test, in a clean state."""
    session = request.config.stash[SESSION]
    if reason := session.why_not(request.node):
        pytest.skip(reason)
    wanted = _wanted(request.node, session.spec(versions))
    _skip_if_lacking(request.node, wanted)
    stack = stacks.take(wanted)
    # pytest's own record_property warns where JUnit's XML is written, and a warning may count as an error.
    properties: list[tuple[str, object]] = request.node.user_properties
    made = System(
        stack, lambda name, value: properties.append((name, value)), request.node.nodeid, request.node.path
    )
    request.node.stash[SYSTEM], request.node.stash[STACKS] = made, stacks
    properties += [("logs", str(stack.run.folder / "logs")), (RUN_FOLDER, str(stack.run.folder))]
    made.begin()
    yield made
    passed = request.node.stash.get(PASSED, False)
    bad = "\n".join(made.judged()) if passed else ""
    unknown = bool(bad) and made.too_slow_to_tell
    made.close()
    if row := row_of(request.node, made):
        request.node.stash[ROW_OF] = row
    if request.node.stash.get(KEPT, False):
        return
    if bad and not unknown:
        bad = f"what the scenario has left behind proves nothing:\n{bad}"
        _leave_bundle(request.node, bad)
    try:
        stacks.give_back(stack, lambda error: _leave_bundle(request.node, str(error)))
    except Exception as error:
        if bad:
            error.add_note(bad)
        raise
    if unknown:
        pytest.skip(f"unknown: {bad}")
    if bad:
        pytest.fail(bad, pytrace=False)


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A real browser, without a window. Where there is none the test is skipped; in CI it fails."""
    try:
        programs = Programs.find()
    except NoBrowserError as error:
        missing = pytest.fail if "CI" in os.environ else pytest.skip
        missing(f"{error}; harness doctor says how to get one")
    with Browser(programs) as running:
        yield running


def _leave_bundle(item: pytest.Item, failure: str) -> None:
    """Gather the evidence once, at the first error, before anything is cleaned up."""
    if BUNDLE in item.stash:
        return
    system = item.stash[SYSTEM]
    if not system.running.inspectable:
        item.stash[BUNDLE] = (
            f"{system.running.run.folder}: its journal; nothing else of a live deployment is ours"
        )
        return
    try:
        folder = Bundle(system.stack, item.nodeid, system.read_at_failure()).gather(failure)
    except OSError as error:  # a full disk must not hide why the scenario failed
        item.stash[BUNDLE] = f"no evidence was gathered: {type(error).__name__}: {error}"
    else:
        item.stash[BUNDLE] = str(folder)


def _wanted(item: pytest.Item, shared: StackSpec) -> StackSpec:
    marker = item.get_closest_marker("stack")
    if marker is None:
        return shared
    spawned = spawns(item, item.config.stash[SESSION].where, item.config.getoption("--occasion"))
    return replace(shared, **{"spawned": spawned, **marker.kwargs})


def _skip_if_lacking(item: pytest.Item, wanted: StackSpec) -> None:
    found = substrate(wanted.substrate) if wanted.substrate != REMOTE else None
    capabilities = found.capabilities if found else frozenset()
    needs = needed(item) | ({Capability.TLS} if wanted.tls else set())
    for capability in sorted(needs - capabilities):
        pytest.skip(f"{wanted.substrate} has not {capability.meaning}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: "pytest.CallInfo[None]"
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call":
        item.stash[PASSED] = report.passed and not hasattr(report, "wasxfail")
        item.stash[SKIPPED] = not report.failed and not item.stash[PASSED]
    passed = report.passed and item.stash.get(PASSED, False)
    if call.when == "teardown" and SYSTEM in item.stash:
        _sign_off(item, report, passed=passed)
    if call.when == "teardown" and ROW_OF in item.stash:
        row = item.stash[ROW_OF] | {"passed": passed}
        _tell(item, report, ROW_PROPERTY, json.dumps(row, ensure_ascii=False))
    if call.when == "call" and report.failed and SYSTEM in item.stash:
        running = item.stash[SYSTEM].running
        if call.excinfo is not None:
            failed = _frame_of(call.excinfo, item)
            item.stash[SYSTEM].failed_line = failed.lineno + 1
            expect_later(item.stash[SYSTEM], failed.frame.raw)
        _leave_bundle(item, report.longreprtext)
        _shorten(item, call, report)
        report.sections.append((STACK_SECTION, item.stash[SYSTEM].last_lines()))
        if item.config.getoption("--keep-on-failure") and not item.session.stash.get(KEPT, False):
            item.stash[KEPT] = item.session.stash[KEPT] = True
            item.stash[STACKS].leave(running)
            ways = [f"{name}: {value}" for name, value in running.access().items()]
            report.sections.append(
                (
                    "left running",
                    "\n".join([*ways, running.how_to_end]),
                )
            )
    if report.failed and SYSTEM in item.stash:
        for sentence in item.stash[SYSTEM].bad_findings():
            _tell(item, report, VIOLATED, sentence)
    if report.failed and BUNDLE in item.stash:
        _tell(item, report, BUNDLE_PROPERTY, item.stash[BUNDLE])
    return report


def _frame_of(error: "pytest.ExceptionInfo[BaseException]", item: pytest.Item) -> Any:
    """The frame of the scenario's own body."""
    own = [entry for entry in error.traceback if entry.path == item.path]
    return own[0] if own else error.traceback[-1]


def _shorten(item: pytest.Item, call: "pytest.CallInfo[None]", report: pytest.TestReport) -> None:
    """Show only what the reader needs; the whole traceback is in the evidence, and with --tb on the terminal."""
    if call.excinfo is None or item.config.getoption("tbstyle") != "auto":
        return
    bundle = item.stash.get(BUNDLE, "")
    more = [f"all of the traceback: {bundle}/failure.txt"] if Path(bundle).is_dir() else []
    shown = show_failure(call.excinfo, item.path, item.stash[SYSTEM].bad_findings(), more)
    if shown is not None:
        report.longrepr = shown


def _sign_off(item: pytest.Item, report: pytest.TestReport, *, passed: bool) -> None:
    """Sign off the scenario's outcome after its teardown, and write the page that explains it."""
    system, body_skipped = item.stash[SYSTEM], item.stash.get(SKIPPED, False)
    skipped = not report.failed and (body_skipped or (report.skipped and item.stash.get(PASSED, False)))
    system.sign_off(passed=passed, skipped=skipped)
    if page := leave_trace(item, system, item.stash.get(BUNDLE, "")):
        _tell(item, report, TRACE, page)


def _tell(item: pytest.Item, report: pytest.TestReport, name: str, value: str) -> None:
    """Add it to the report of this and of later phases: JUnit's XML has the properties of the last one."""
    if (name, value) not in item.user_properties:
        item.user_properties.append((name, value))
    if (name, value) not in report.user_properties:
        report.user_properties.append((name, value))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None]:
    """Show the paths of the evidence last, after pytest's own summary."""
    yield
    reports = [*terminalreporter.getreports("failed"), *terminalreporter.getreports("error")]
    found = {
        report.nodeid: path
        for report in reports
        for name, path in getattr(report, "user_properties", ())  # a file that cannot be imported has none
        if name == BUNDLE_PROPERTY
    }
    if found:
        terminalreporter.section("evidence: harness recheck FOLDER judges it again")
    for scenario, path in found.items():
        terminalreporter.line(f"{scenario}: {path}")
    show_traces(terminalreporter)
