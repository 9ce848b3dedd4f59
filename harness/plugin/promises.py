"""The output of `harness verify`: each scenario is a promise, and the last line says how many of them held.

pytest's own reporter stays registered, for pytest and its plugins ask for it, but writes nowhere.
"""

import enum
import io
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rich.console import Console, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from harness.base.github import summarise
from harness.base.pace import slowness
from harness.evidence.usual import PROMISES, remember_seconds, usual_seconds
from harness.plugin.properties import FAILURES, SILENT
from harness.plugin.sentence import sentence_of

PLAIN_WIDTH = 120  # columns, where no terminal says how many there are
MUCH_LONGER = 3.0  # times as long as usual: worth a line, though the promise held
NOTICED_SECONDS = 1.0  # what takes less is no trouble to anybody


class Ending(enum.IntEnum):
    """How a promise ended; the worst of its phases counts."""

    NOT_RUN = 0
    PASS = 1
    SKIPPED = 2
    FAIL = 3


SHOWN = {
    Ending.NOT_RUN: ("not run", "dim"),
    Ending.PASS: ("pass", "green"),
    Ending.SKIPPED: ("skipped", "yellow"),
    Ending.FAIL: ("FAIL", "bold red"),
}


@dataclass(slots=True)
class Promise:
    """One scenario.

    Args:
        text: the first line of its docstring, or its name.
        outcome: so far.
        seconds: that proving it took, without starting the stack.
        reason: why it was skipped.
        failures: what went wrong, one text a phase.
        captured: title -> what was written meanwhile, if it failed.
    """

    text: str
    outcome: Ending = Ending.NOT_RUN
    seconds: float = 0.0
    reason: str = ""
    failures: list[str] = field(default_factory=list)
    captured: dict[str, str] = field(default_factory=dict)


@contextmanager
def uncaptured_console() -> Iterator[Console]:
    """Standard output as it was before pytest captures it, which it does while a test runs.

    Yields:
        A console that is live on a terminal, and plain in a pipe, a file or CI.
    """
    sys.stdout.flush()
    copy = os.dup(sys.stdout.fileno())
    with os.fdopen(copy, "w", encoding=sys.stdout.encoding, errors="replace", buffering=1) as file:
        live = file.isatty() and not os.environ.get("CI")
        yield Console(file=file, force_terminal=live, width=None if file.isatty() else PLAIN_WIDTH)


def write_nowhere(config: pytest.Config) -> None:
    """Silence pytest's own reporter, which stays registered: pytest and its plugins ask for it.

    Args:
        config: pytest's, when all plugins are registered.
    """
    plugins = config.pluginmanager
    plugins.unregister(name="terminalreporter")
    plugins.register(pytest.TerminalReporter(config, io.StringIO()), "terminalreporter")


class Promises:
    """The pytest plugin. Its exit status is pytest's, but a promise that was not proved is never a success.

    Args:
        console: where to show it.
        where: substrate and tier, or a live deployment: what takes long on one may be usual on another.
        usual: file of what each promise took there before.
    """

    def __init__(self, console: Console, where: str = "", usual: Path = PROMISES) -> None:
        self._console = console
        self._where = where
        self._usual = usual
        self._began = time.monotonic()
        self._promises: dict[str, Promise] = {}
        self._facts: dict[tuple[str, str], None] = {}
        self._troubles: list[str] = []
        self._left_out: list[pytest.Item] = []
        self._running = ""
        self._running_since = 0.0
        self._doing = ""
        self._spinner = Spinner("dots")
        self._live: Live | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        write_nowhere(config)

    def pytest_unconfigure(self) -> None:
        self._stop_live()

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """What has the marker that is asked for, and was left out all the same, such as by PYTEST_ADDOPTS, was to be proved."""
        self._left_out += [item for item in items if item.get_closest_marker(item.config.option.markexpr)]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        asked = [*session.items, *self._left_out]
        self._promises = {item.nodeid: Promise(sentence_of(item)) for item in asked}
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            self._live = Live(
                get_renderable=self._table,
                console=self._console,
                transient=True,
                redirect_stdout=False,  # pytest does that
                redirect_stderr=False,
            )
            self._live.start()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._troubles.append(f"{report.nodeid} cannot be read\n{report.longreprtext}")

    def pytest_internalerror(self, excrepr: object) -> None:
        self._troubles.append(f"pytest itself failed\n{excrepr}")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        first = all(promise.outcome is Ending.NOT_RUN for promise in self._promises.values())
        self._running, self._running_since = nodeid, time.monotonic()
        self._now("stack starting" if first else "getting ready", worth_a_line=first)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self) -> None:
        self._running_since = time.monotonic()
        self._now("proving")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self) -> None:
        self._now("cleaning up", worth_a_line=False)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        promise = self._promises[report.nodeid]
        if report.failed:
            promise.outcome = Ending.FAIL
            promise.failures.append(_failure(report))
            promise.captured |= report.sections
        elif report.skipped:
            promise.outcome = max(promise.outcome, Ending.SKIPPED)
            promise.reason = _skip_reason(report)
        elif report.when == "call":
            promise.outcome = max(promise.outcome, Ending.PASS)
        if report.when == "call" or report.failed:
            promise.seconds += report.duration
        shown = [(name, value) for name, value in report.user_properties if name not in SILENT]
        self._facts |= {(name, str(value)): None for name, value in shown}

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        promise, self._running = self._promises[nodeid], ""
        if not self._live:
            word, _ = SHOWN[promise.outcome]
            self._say(Text(f"{word:8} {promise.text} ({promise.seconds:.1f} s)"))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if exitstatus == pytest.ExitCode.OK and self._count(Ending.PASS) != len(self._groups()):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        self._stop_live()
        self._running = ""
        verdict = self._verdict(interrupted=exitstatus == pytest.ExitCode.INTERRUPTED)
        self._report()
        for line in self._late():
            self._say(Text(line, "yellow"))
        good = session.exitstatus == pytest.ExitCode.OK
        self._say(Text(f"\n{verdict}", "bold green" if good else "bold red"))
        summarise(self._markdown(verdict))
        failures = session.config.pluginmanager.get_plugin(FAILURES)
        for line in failures.annotations() if failures else ():
            self._say(Text(line))

    def _report(self) -> None:
        if self._promises:
            self._say(Text())
            self._say(self._table())
        for promise in self._promises.values():
            if promise.failures:
                self._say(Text(f"\nFAIL  {promise.text}", "bold red"))
            for failure in promise.failures:
                self._say(Text.from_ansi(failure))
            for title, content in promise.captured.items():
                self._say(Text.assemble((f"\n{title}\n", "bold"), Text.from_ansi(content.rstrip())))
        for trouble in self._troubles:
            self._say(Text.assemble("\n", ("ERROR  ", "bold red"), Text.from_ansi(trouble)))
        if self._facts:
            self._say(Text())
        width = max((len(name) for name, _ in self._facts), default=0)
        for name, value in self._facts:
            self._say(Text.assemble((f"{name:{width}}", "bold"), "  ", value))

    def _late(self) -> Iterator[str]:
        """A line for each promise that held and took much longer than it did before, as far as the machine was no slower."""
        usual, slow = usual_seconds(self._usual), slowness()
        took = {
            (f"{name} on {self._where}", one.text): one.seconds / slow
            for name, one in self._promises.items()
            if one.outcome is Ending.PASS
        }
        for (name, text), seconds in took.items():
            if name in usual and seconds > max(MUCH_LONGER * usual[name], NOTICED_SECONDS):
                times = seconds / usual[name]
                yield f"\nslow: {text}\n      It took {times:.1f} times as long as usual ({usual[name]:.1f} s): what should not be needed may have carried it."
        remember_seconds(took, self._usual)

    def _now(self, doing: str, *, worth_a_line: bool = True) -> None:
        self._doing = doing
        if self._live:
            self._live.refresh()
        elif worth_a_line:
            self._say(Text(f"{doing}: {self._promises[self._running].text}"))

    def _say(self, what: RenderableType) -> None:
        # Without soft wrap a path wider than the terminal would be cut in two, and could not be copied.
        self._console.print(what, soft_wrap=not isinstance(what, Table))

    def _stop_live(self) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def _count(self, outcome: Ending) -> int:
        return sum(ending is outcome for ending in self._groups().values())

    def _groups(self) -> dict[str, Ending]:
        """The ending of each promise, all parameters together: it holds if every case holds."""
        ends: dict[str, list[Ending]] = {}
        for nodeid, promise in self._promises.items():
            ends.setdefault(nodeid.partition("[")[0], []).append(promise.outcome)
        return {name: _worst(cases) for name, cases in ends.items()}

    @property
    def broken(self) -> bool:
        """Whether a promise was broken or another error happened; if not, a promise may still be unproved."""
        return bool(self._count(Ending.FAIL) or self._troubles)

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(no_wrap=True)
        table.add_column()
        table.add_column(justify="right", no_wrap=True)
        for nodeid, promise in self._promises.items():
            if nodeid == self._running:
                elapsed = time.monotonic() - self._running_since
                shown = Text.assemble(promise.text, (f"  {self._doing}", "dim"))
                table.add_row(self._spinner, shown, f"{elapsed:.1f} s")
                continue
            word, style = SHOWN[promise.outcome]
            reason = (f"\n{promise.reason}", "dim") if promise.reason else ""
            took = f"{promise.seconds:.1f} s" if promise.outcome in {Ending.PASS, Ending.FAIL} else ""
            table.add_row(Text(word, style), Text.assemble(promise.text, reason), took)
        return table

    def _verdict(self, *, interrupted: bool) -> str:
        seconds = time.monotonic() - self._began
        if not self._promises:
            return f"no promise was found, so nothing is proved ({seconds:.1f} s)"
        parts = [f"held {self._count(Ending.PASS)} of {len(self._groups())} promises in {seconds:.1f} s"]
        for outcome, word in ((Ending.SKIPPED, "skipped"), (Ending.NOT_RUN, "not run")):
            if self._count(outcome):
                parts.append(f"{self._count(outcome)} {word}")
        if self._troubles:
            parts.append(f"{len(self._troubles)} error{'s' if len(self._troubles) > 1 else ''}")
        return ("interrupted: " if interrupted else "") + ", ".join(parts)

    def _markdown(self, verdict: str) -> str:
        lines = [f"### {verdict}", "", "| | promise | seconds |", "| --- | --- | ---: |"]
        for promise in self._promises.values():
            word, _ = SHOWN[promise.outcome]
            text = " - ".join(filter(None, (promise.text, promise.reason))).replace("|", "\\|")
            lines.append(f"| {word} | {text} | {promise.seconds:.1f} |")
        lines += ["", *(f"- {name}: {value}" for name, value in self._facts)]
        return "\n".join(lines) + "\n\n"


def _worst(cases: Sequence[Ending]) -> Ending:
    """The worst ending: a failed case, else one that was not run or was skipped; a promise holds if each case holds."""
    for ending in (Ending.FAIL, Ending.NOT_RUN, Ending.SKIPPED):
        if ending in cases:
            return ending
    return Ending.PASS


def _failure(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    text = (
        f"{crash.message}\nat {os.path.relpath(crash.path)}:{crash.lineno}" if crash else report.longreprtext
    )
    return text if report.when == "call" else f"in {report.when}: {text}"


def _skip_reason(report: pytest.TestReport) -> str:
    if hasattr(report, "wasxfail"):
        return f"expected to fail: {report.wasxfail}"
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return reason.removeprefix("Skipped: ")
