"""Plays a schedule on a stack of its own: load, faults one after the other, heal, drain, judge."""

import re
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict

from harness.base.commit import commit
from harness.base.http import http_get
from harness.base.pace import TooSlowToTellError
from harness.base.progress import Progress
from harness.base.wait import WaitTimeoutError, eventually
from harness.evidence.checks.finding import Finding
from harness.evidence.evidence_folder import EvidenceFolder
from harness.evidence.redaction import Redactor
from harness.evidence.trace.page import Told
from harness.evidence.trace.part import during, write_part
from harness.experiments.nemesis.load import OpenLoad
from harness.experiments.nemesis.schedule import Window, arrivals, windows
from harness.experiments.nemesis.settings import nemesis_of
from harness.experiments.nemesis.summary import FILE, Summary, measured
from harness.experiments.nemesis.wound import Deck
from harness.stack.stack import Stack
from harness.system.faults.faults import RECOVERY_SECONDS, NeverBitError, NotRecoveredError
from harness.system.system import System

WINDOWS = "windows"  # folder of the pages that explain them, in the run's
LONGEST_NAME = 60  # characters
BITES_SECONDS = 20.0
DRAIN_SECONDS = 120.0  # seconds to wait; the required times are in docs/reliability.md
READY_SECONDS = 5.0
# Of each kind that is expected: a worker tries to reach its broker every second, from two processes.
MOST_ERRORS_A_MINUTE = 120


class Campaign:
    """One run.

    Args:
        stack: a running stack that nobody else uses.
        seed: of the schedule.
        minutes: that it fills.
        progress: told each step.
        rare: whether the run proves nothing if a rare state was never reached.
    """

    def __init__(
        self, stack: Stack, seed: int, minutes: float, progress: Progress, *, rare: bool = False
    ) -> None:
        self._stack = stack
        self._seed = seed
        self._minutes = minutes
        self._progress = progress
        self._rare = rare
        self._system = System(stack, lambda _name, _value: None, f"nemesis-{seed}")
        self._declared = nemesis_of(stack.app)
        for pattern in self._declared.expected_errors:
            self._system.expect_errors_while_hurt(
                pattern, *stack.app.roles, most=int(MOST_ERRORS_A_MINUTE * (minutes + 1))
            )
        self._began = 0.0
        self._windows: list[tuple[Window, float, float, str]] = []  # windows with their times and errors

    def play(self) -> Summary:
        """All of it.

        Raises:
            Exception: a fault could not be injected or healed, or no fault excuses an answer of the API.
        """
        system, stack = self._system, self._stack
        declared = self._declared
        system.begin()
        declared.prepare(system)
        planned = windows(self._seed, self._minutes, Deck.of(stack.app, declared.cuts))
        load = OpenLoad(stack, declared.asks(stack), arrivals(self._seed), declared.health)
        with load:
            self._began = time.monotonic()
            for number, window in enumerate(planned, 1):
                self._play(window)
                load.ask_how_it_goes()
                self._progress(
                    f"{self._now():6.1f} s  {number} of {len(planned)}: {load.came} came, {load.accepted} accepted"
                )
            load.close_doors()
            self._progress(f"{self._now():6.1f} s  all is healed: draining")
            gave_up = load.finish()
            drained = self._drain()
        findings = system.judge()
        for name, finding in findings.items():
            if not finding.outcome.good:
                self._progress(f"{name} {finding.outcome.value}: {'; '.join(finding.facts)}")
        summary = Summary(
            run=stack.run.id,
            seed=self._seed,
            minutes=self._minutes,
            substrate=stack.spec.substrate,
            tier=stack.spec.tier,
            windows=len(planned),
            commit=commit(),
            came=load.came,
            gave_up=gave_up,
            drain_seconds=drained,
            rare=self._rare,
            **measured(stack.app, system.evidence, findings),
        )
        EvidenceFolder(stack.run.folder, Redactor(stack.all_secrets)).document(FILE, asdict(summary))
        self._explain(findings)
        system.sign_off(passed=summary.held)
        return summary

    def _explain(self, findings: Mapping[str, Finding]) -> None:
        """A page for each window, beside the run's evidence."""
        stack = self._stack
        ids, cleans = [work.id for work in stack.app.works], Redactor(stack.all_secrets)
        for number, (window, began, ended, wrong) in enumerate(self._windows, 1):
            what = " and ".join(map(str, window.wounds))
            name = re.sub(r"[^\w.-]+", "-", what)[:LONGEST_NAME].strip("-")
            told = Told(
                scenario=f"window {number}: {what}",
                promise=f"Window {number} of {len(self._windows)}: {what}",
                failure=wrong,
                again=f"harness nemesis --seed {self._seed} --minutes {self._minutes:g}",
                about={"run": stack.run.id, "tier": stack.spec.tier, "substrate": stack.spec.substrate},
            )
            part = during(self._system.evidence, began, ended)
            write_part(
                stack.run.folder / WINDOWS / f"{number:02d}-{name}.html", part, told, findings, ids, cleans
            )
        self._progress(f"a page of each window: {stack.run.folder / WINDOWS}")

    def close(self) -> None:
        self._system.close()

    def _play(self, window: Window) -> None:
        """Play a window; its errors are in the journal for the checks to judge, and the next window follows in any case."""
        pause = threading.Event()
        pause.wait(max(0.0, window.at - self._now()))
        self._progress(f"{self._now():6.1f} s  {' and '.join(map(str, window.wounds))}")
        recovered, since = _Recovered(self._stack, self._declared.ready), self._stack.journal.cursor()
        began, wrong = self._stack.journal.now(), ""
        try:
            with ExitStack() as hurt:
                for number, wound in enumerate(window.wounds):
                    last_to_heal = number == 0
                    hurt.enter_context(
                        self._system.faults.inject(
                            wound.make(),
                            bites_within=BITES_SECONDS,
                            recovered=recovered if last_to_heal else None,
                            within=RECOVERY_SECONDS,
                            stays_well=True,  # many faults have no visible effect on the system
                        )
                    )
                pause.wait(window.hold)
        except (NeverBitError, NotRecoveredError, TooSlowToTellError) as error:
            self._progress(f"{self._now():6.1f} s  {error}")
            wrong = str(error)
        else:
            self._progress(f"{self._now():6.1f} s  {self._felt(since)}")
        self._windows.append((window, began, self._stack.journal.now(), wrong))

    def _felt(self, since: int) -> str:
        """Record the effects of the window's faults, and the time of recovery."""
        records = self._stack.journal.records("fault", since)
        traces = [record["trace"] for record in records if record["phase"] == "bitten"]
        soon = [
            f"recovered in {record['seconds']:.1f} s" for record in records if record["phase"] == "recovered"
        ]
        return "; ".join(traces + soon)

    def _drain(self) -> float | None:
        """Wait until no work is under way; seconds since the last heal."""
        journal = self._stack.journal
        healed = [record["at"] for record in journal.records("fault") if record["phase"] == "healed"]
        try:
            eventually(lambda: not self._stack.busy(), timeout=DRAIN_SECONDS, what="an idle stack")
        except WaitTimeoutError:
            ended = [name for name, node in self._stack.nodes.items() if not node.alive]
            self._progress(
                f"not drained: {self._stack.busy()}; ended by themselves: {', '.join(ended) or 'none'}"
            )
            return None
        return round(journal.now() - float(max(healed)), 1)

    def _now(self) -> float:
        return time.monotonic() - self._began


class _Recovered:
    """A probe: the role reports that it is ready, and work has ended since the probe's first call."""

    def __init__(self, stack: Stack, ready: str) -> None:
        self._stack = stack
        self._ready = ready
        self._ended: int | None = None

    def __call__(self) -> bool:
        ended = self._stack.ended()
        if self._ended is None:
            self._ended = ended
        if ended == self._ended:
            return False
        if not self._ready:
            return True
        url = f"{self._stack.api_url}{self._ready}"
        return http_get(url, timeout=READY_SECONDS).is_success
