"""The pytest plugin: options, the `system` fixture, the `stack` marker, and what a failed scenario shows."""

import os
import sys
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace

import pytest

from harness.address import Address, NoSuchStackError
from harness.bundle import Bundle
from harness.deployment import Deployment
from harness.processes import SupervisorError
from harness.spec import StackSpec
from harness.stack import Stack, StaleStackError
from harness.stacks import Stacks
from harness.system import System

SYSTEM = pytest.StashKey[System]()
STACKS = pytest.StashKey[Stacks]()
REUSED = pytest.StashKey[Address]()
KEPT = pytest.StashKey[bool]()
BUNDLE = pytest.StashKey[str]()  # its path, or why there is none
BUNDLE_PROPERTY = "evidence of a failure"
MARKERS = (
    "e2e: starts real servers or real roles",
    "verify: a promise of the main job, which harness verify proves",
    "stack(tier, env, omit, start, schema, own_servers): the stack it needs, if not the session's; see harness.spec.StackSpec",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("harness", "the stack that scenarios run on")
    group.addoption(
        "--tier",
        choices=tuple(Deployment.load().tiers),
        help="row of the concurrency table; starter by default",
    )
    group.addoption("--substrate", choices=("embedded",), default="embedded", help="where the stack lives")
    group.addoption(
        "--keep-on-failure", action="store_true", help="leave the stack of the first failed scenario running"
    )
    group.addoption(
        "--reuse",
        action="store_true",
        help="run on the stack that harness up --detach has left; what is in it is removed",
    )
    group.addoption(
        "--spawn",
        action="store_true",
        default=sys.platform != "linux" or "CI" in os.environ,
        help="start every role by the entrypoint, as in CI; else a scenario's own stack is forked from a warm process",
    )
    group.addoption("--run", default="", help="which stack to reuse, where several are running")


def pytest_configure(config: pytest.Config) -> None:
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    if config.getoption("--reuse"):
        config.stash[REUSED] = _reused(config)


def _reused(config: pytest.Config) -> Address:
    if config.getoption("numprocesses", None):
        raise pytest.UsageError("--reuse: a stack is for one process, leave -n out")
    try:
        address = Address.find(config.getoption("--run"))
    except NoSuchStackError as error:
        raise pytest.UsageError(f"--reuse: {error}") from None
    if config.getoption("--tier") not in {None, address.spec.tier}:
        raise pytest.UsageError(f"--reuse: the stack of {address.run_id} is of the tier {address.spec.tier}")
    return address


def _attached(address: Address) -> Stack:
    try:
        return Stack.attach(address)
    except (SupervisorError, StaleStackError) as error:
        pytest.exit(f"--reuse: {error}", pytest.ExitCode.USAGE_ERROR)


def _shared_spec(config: pytest.Config) -> StackSpec:
    """What most scenarios run on."""
    if REUSED in config.stash:
        return config.stash[REUSED].spec
    return StackSpec(tier=config.getoption("--tier") or StackSpec().tier)


def pytest_report_header(config: pytest.Config) -> str:
    reused = f", reusing {config.stash[REUSED].run_id}" if REUSED in config.stash else ""
    spawned = ", every role is spawned" if config.getoption("--spawn") else ""
    return f"stack: tier {_shared_spec(config).tier} on {config.getoption('--substrate')}{reused}{spawned}"


@pytest.fixture(scope="session")
def stacks(pytestconfig: pytest.Config, worker_id: str) -> Iterator[Stacks]:
    """The session's stacks; a worker of pytest-xdist has its own."""
    label = "tests" if worker_id == "master" else worker_id
    running = _attached(pytestconfig.stash[REUSED]) if REUSED in pytestconfig.stash else None
    forked = not pytestconfig.getoption("--spawn")
    made = Stacks(_shared_spec(pytestconfig), label, running, forked=forked)
    yield made
    made.close()


@pytest.fixture
def system(
    request: pytest.FixtureRequest, stacks: Stacks, record_property: Callable[[str, object], None]
) -> Iterator[System]:
    """The system under test, as if it were new."""
    stack = stacks.take(_wanted(request.node, stacks.shared_spec))
    made = System(stack, record_property)
    request.node.stash[SYSTEM], request.node.stash[STACKS] = made, stacks
    record_property("logs", str(stack.run.folder / "logs"))
    record_property("evidence", str(stack.run.folder))
    yield made
    made.close()
    if request.node.stash.get(KEPT, False):
        return
    unexpected = "\n".join(made.unexpected_errors())
    if unexpected:
        unexpected = f"errors in the logs that this scenario did not expect:\n{unexpected}"
        _leave_bundle(request.node, unexpected)
    try:
        stacks.give_back(stack, lambda error: _leave_bundle(request.node, str(error)))
    except Exception as error:
        if unexpected:
            error.add_note(unexpected)
        raise
    if unexpected:
        pytest.fail(unexpected, pytrace=False)


def _leave_bundle(item: pytest.Item, failure: str) -> None:
    """Gather the evidence once: what went wrong first, before anything is tidied up."""
    if BUNDLE in item.stash:
        return
    try:
        folder = Bundle(item.stash[SYSTEM].stack, item.nodeid).gather(failure)
    except OSError as error:  # a full disk must not hide why the scenario failed
        item.stash[BUNDLE] = f"no evidence was gathered: {type(error).__name__}: {error}"
    else:
        item.stash[BUNDLE] = str(folder)


def _wanted(item: pytest.Item, shared: StackSpec) -> StackSpec:
    marker = item.get_closest_marker("stack")
    return replace(shared, **marker.kwargs) if marker else shared


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: "pytest.CallInfo[None]"
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call" and report.failed and SYSTEM in item.stash:
        stack = item.stash[SYSTEM].stack
        _leave_bundle(item, report.longreprtext)
        report.sections.append(("the stack", item.stash[SYSTEM].last_lines()))
        if item.config.getoption("--keep-on-failure") and not item.session.stash.get(KEPT, False):
            item.stash[KEPT] = item.session.stash[KEPT] = True
            item.stash[STACKS].leave(stack)
            ways = [f"{name}: {value}" for name, value in stack.access().items()]
            report.sections.append(
                ("left running", "\n".join([*ways, f"end it with: harness down {stack.run.id}"]))
            )
    if report.failed and BUNDLE in item.stash:
        report.user_properties.append((BUNDLE_PROPERTY, item.stash[BUNDLE]))
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None]:
    """Where the evidence lies comes last, after pytest's own summary."""
    yield
    reports = [*terminalreporter.getreports("failed"), *terminalreporter.getreports("error")]
    found = {
        report.nodeid: path
        for report in reports
        for name, path in report.user_properties
        if name == BUNDLE_PROPERTY
    }
    if found:
        terminalreporter.section("evidence")
    for scenario, path in found.items():
        terminalreporter.line(f"{scenario}: {path}")
