"""The object that a scenario uses: the whole system under test behind one name."""

import contextlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

from harness.application import POSTGRES
from harness.base import pace
from harness.base.commit import commit
from harness.base.database import Database
from harness.base.exits import Exit
from harness.base.logs import LogLine, joined
from harness.base.polls import short, without_polls
from harness.base.wait import WaitTimeoutError, eventually
from harness.evidence.call_ledger import ledger_of
from harness.evidence.checks import Finding, Judges
from harness.evidence.checks.finding import Outcome, exit_of
from harness.evidence.evidence import Evidence
from harness.evidence.evidence_folder import EVIDENCE, EvidenceFolder, folder_name, seal_of
from harness.evidence.excuse import ANY, Excuse
from harness.evidence.journal import Journal
from harness.evidence.redaction import Redactor
from harness.evidence.signed import UnsignedError
from harness.evidence.statements import without_statements
from harness.evidence.trace.moments import moments
from harness.evidence.trace.sentences import waits_of
from harness.evidence.usual import remember_seconds, usual_seconds
from harness.evidence.verdict import Judged, Verdict
from harness.nodes.node import Node
from harness.nodes.tls_front import Front, tls_front
from harness.stack.running import Running
from harness.stack.stack import Stack
from harness.system.collect import Reading, gather, life_records
from harness.system.faults import FAULTS
from harness.system.faults.faults import Faults
from harness.system.recorder import Recorder
from harness.system.resource_sample import sample
from harness.system.standstill import stand_still
from harness.system.told import told_of_scenario, told_of_stack
from harness.system.watched_node import WatchedNode

T = TypeVar("T")
LAST_LINES = 10
LONGEST_LINE = 400  # characters
SETTLE_SECONDS = 10.0
SETTLE_POLL_SECONDS = 0.5
LAST_WORD_SECONDS = 5.0  # seconds until a member has written its lines about the last call
LAST_WORD_POLL_SECONDS = 0.25


class NotOursError(Exception):
    """A scenario tried to inspect a deployment that is not ours."""


class System:
    """One scenario's view of a stack.

    Args:
        running: the stack or deployment that it runs on.
        show: takes named facts about the scenario for its report.
        scenario: its node id, which names the folder of its evidence.
        script: its file; events are recorded with the line that caused them.
    """

    def __init__(
        self,
        running: Running,
        show: Callable[[str, object], None],
        scenario: str = "scenario",
        script: Path | None = None,
    ) -> None:
        self.running = running
        self.show = show
        self.judges = Judges.of(running.app)
        self.findings: dict[str, Finding] = {}  # from the last check
        self.evidence = Evidence()  # the evidence for these findings
        self._at_failure: dict[str, Finding] = {}  # from the moment when the body failed
        self._scenario = scenario
        self._script = script
        self.failed_line = 0  # line at which the body failed
        self._expected: list[Excuse] = []
        self._violated: list[str] = []
        self._left_down: list[str] = []
        self._sampled = False
        self._until_judged = contextlib.ExitStack()
        self._recorder: Recorder | None = None

    def begin(self) -> None:
        """Start the recording and take the first sample, before the first call; later samples are compared with it. Done once."""
        self.journal.script = str(self._script or "")
        if self.running.inspectable and not self._sampled:
            self._recorder = Recorder(self.stack)
            self._recorder.start()
            if self._note_slowness() > 1:
                stand_still(list(self.stack.roles.values()))
            self.sample()

    @cached_property
    def api(self) -> Any:
        """A client of the role that is asked for work.

        Raises:
            DeclarationError: no role listens.
        """
        return self.running.client()

    @cached_property
    def faults(self) -> Faults:
        """Injects faults into the stack. A live deployment cannot be hurt, but a client's own faults can still be noted."""
        self.begin()
        return Faults(cast("Stack", self.running), FAULTS)  # in a live deployment, faults are only noted

    @property
    def stack(self) -> Stack:
        """The stack that it runs on, where that is ours.

        Raises:
            NotOursError: it is somebody else's deployment.
        """
        if not isinstance(self.running, Stack):
            raise NotOursError(f"{self.running.api_url} is not ours to look into")
        return self.running

    @property
    def ledger(self) -> Any:
        """The ledger of accepted work so far: the application's own, or that of harness.evidence.call_ledger."""
        return ledger_of(self.running.app, gather(self.stack))

    def sample(self) -> dict[str, Any]:
        """Record a sample of connections, descriptors and memory, or that it could not be taken."""
        self._sampled = True
        try:
            found = sample(self.stack)
        except Exception as error:
            self.journal.record("sample", failed=f"{type(error).__name__}: {error}")
            raise
        self.journal.record("sample", **found)
        return found

    def __getattr__(self, name: str) -> Any:
        """A scripted provider by its name, such as `system.openai`."""
        running = self.__dict__.get("running")
        if name in self.__dict__ or running is None:
            raise AttributeError(name)
        return getattr(running, name)

    @property
    def database(self) -> Database:
        """The stack's PostgreSQL, outside every link.

        Raises:
            NotOursError: it is somebody else's deployment.
        """
        return self.stack.database

    @property
    def journal(self) -> Journal:
        """The record of everything that happens to it."""
        return self.running.journal

    def node(self, name: str) -> Node:
        """A member by its name: a role's, `postgres`, `redis`, or a provider's. Its methods that hurt or heal it write into the journal."""
        return cast("Node", WatchedNode(self.stack.node(name), self.journal))

    def deploy(self, service: str, *, name: str = "", **variables: str) -> Node:
        """Start a service with other variables than declared, or a further one of it.

        Args:
            service: as the deployment declares it.
            name: name of the node; for a further one, another name than the service's.
            variables: name -> value.
        """
        return self.stack.start_role(service, name or service, variables)

    def tls_front(self, server: str) -> AbstractContextManager[Front]:
        """A second port of a server, with TLS, signed by an authority that only readers of its file know.

        Args:
            server: its name; one that speaks no TLS itself.

        Returns:
            While the context lasts: its `address` (`host:port`) and the file of the `authority`.
        """
        return tls_front(self.stack.substrate.links.outside(server), self.stack.run.data)

    def log_lines(self, name: str, **fields: Any) -> list[dict[str, Any]]:
        """A node's JSON lines of this scenario whose fields are equal to these."""
        lines = self.node(name).log.lines(self.stack.cursor(name))
        return [line.fields for line in lines if line.fields and fields.items() <= line.fields.items()]

    def log_text(self, name: str) -> str:
        """All that a node has logged since it started, without a server's lines for the recorder.

        Args:
            name: of the node.
        """
        text = self.node(name).log.text()
        return "\n".join(without_statements(text.split("\n"))) if name == POSTGRES else text

    def expect_errors(self, pattern: str, *nodes: str, most: int = 1, least: int = 1) -> None:
        """Say that errors are part of the scenario, from now on, and must be logged.

        Args:
            pattern: a regular expression, searched in each.
            nodes: nodes that may log them, by name or fnmatch pattern; all by default.
            most: largest number of them.
            least: smallest number of them; 0 only where the product's documents say when it logs nothing.

        Raises:
            UnboundedError: the pattern matches whatever is logged.
        """
        self._expect(Excuse(pattern, nodes or (ANY,), most, least, since=time.time()))

    def expect_errors_while_hurt(self, pattern: str, *nodes: str, most: int) -> None:
        """Say that errors are part of the scenario as long as a fault lasts, and until the system has recovered from it.

        Which of them a role logs depends on the moment of the fault, so none is required, but a fault is.

        Args:
            pattern: a regular expression, searched in each.
            nodes: nodes that may log them, by name or fnmatch pattern; all by default.
            most: largest number of them.

        Raises:
            UnboundedError: the pattern matches whatever is logged.
        """
        self._expect(Excuse(pattern, nodes or (ANY,), most, where_hurt=True))

    def expect_late(self, what: str, *arguments: Any, **named: Any) -> None:
        """Expect errors that the scenario would have expected after the line at which it failed.

        Args:
            what: `expect_errors` or `expect_errors_while_hurt`.
            arguments: its positional arguments.
            named: its keyword arguments.
        """
        before = len(self._expected)
        getattr(self, what)(*arguments, **named)
        self._expected[before:] = [replace(excuse, since=0.0) for excuse in self._expected[before:]]

    def _expect(self, excuse: Excuse) -> None:
        if excuse not in self._expected:
            self._expected.append(excuse)

    def expect_violated(self, *checks: str) -> None:
        """Say that a safety is switched off, and that the checks for it must be violated.

        Args:
            checks: their names.
        """
        self._violated += checks

    def leave_down(self, *nodes: str) -> None:
        """Say that the scenario does not start these members again.

        Args:
            nodes: their names.
        """
        self._left_down += nodes

    def until_judged(self, context: AbstractContextManager[T]) -> T:
        """Enter a context that lasts until the scenario has been judged, because the judgement needs it.

        Args:
            context: to be entered now.
        """
        return self._until_judged.enter_context(context)

    def promised(self, **ids: str) -> None:
        """Report work that was accepted from another client, such as a load generator: it is judged like ours.

        Args:
            ids: the work's name for its id -> the id.
        """
        self.journal.record("promised", **ids)

    def forgotten(self, **ids: str) -> None:
        """Report accepted work that the scenario itself has removed, for example by restoring an older backup.

        Args:
            ids: the work's name for its id -> the id.
        """
        self.journal.record("forgotten", **ids)

    def check(self) -> None:
        """Wait until no work is under way, then demand that every check holds for the evidence so far.

        Every scenario with `system` is judged so at its end: this is for an earlier judgement.

        Raises:
            AssertionError: a check is violated or unknown; with its facts.
        """
        bad = self.judged()
        assert not bad, "\n".join(bad)

    def begin_again(self) -> None:
        """Judge and forget everything so far, and begin another scenario on the same stack.

        Raises:
            AssertionError: a check is violated or unknown.
        """
        self.check()
        self.stack.reset()
        if self._recorder is not None:
            self._recorder.again()
        self.sample()

    def judged(self) -> list[str]:
        """Why the scenario proves nothing, a sentence for each check; empty where it is a proof."""
        if not self.running.inspectable:
            self.show("checks", "not applicable: no database and no scripted provider to look into")
            return []
        bad = []
        if not self._violated:
            try:
                self.stack.wait_until_idle()
            except TimeoutError as error:
                bad.append(f"idle violated: {error}")
        with contextlib.suppress(WaitTimeoutError):
            eventually(
                lambda: exit_of(finding.outcome for finding in self.judge().values()) is Exit.HOLDS,
                timeout=0.0 if bad else LAST_WORD_SECONDS,
                poll=LAST_WORD_POLL_SECONDS,
                what="good findings",
            )
        return self.bad_findings() + bad

    @property
    def too_slow_to_tell(self) -> bool:
        """Whether it is no proof only because this machine is slow."""
        bad = [finding for finding in self.findings.values() if not finding.outcome.good]
        return bool(bad) and all(finding.slow for finding in bad) and not self.stack.busy()

    def judge(self) -> dict[str, Finding]:
        """Judge the evidence now, even if work is still under way, and keep it for `harness recheck`."""
        self._settle()
        self.evidence = self.read()
        self.findings = self.judges.judge(self.evidence)
        EvidenceFolder(self.evidence_folder, Redactor(self.stack.all_secrets)).save(self.evidence)
        return self.findings

    @property
    def evidence_folder(self) -> Path:
        """The folder of the judged evidence; it exists once something was judged."""
        return self.running.run.folder / EVIDENCE / folder_name(self._scenario)

    def sign_off(self, *, passed: bool, skipped: bool = False) -> None:
        """Write the scenario's judgement into the run's verdict, after everything else.

        Args:
            passed: whether it passed, to the end of its teardown.
            skipped: whether it neither failed nor passed.
        """
        folder = f"{EVIDENCE}/{folder_name(self._scenario)}" if self.findings else ""
        checks = {name: finding.outcome.value for name, finding in self.findings.items()}
        run = self.running.run.folder
        seal = seal_of(run / folder) if folder else ""
        judged = Judged(folder, passed, checks, seal, skipped)
        self._verdict(run).with_judged(self._scenario, judged).sign(run)
        if passed and folder and not self.evidence.faults:
            ids = [work.id for work in self.running.app.works]
            remember_seconds(waits_of(self.evidence, moments(self.evidence, ids), ids))

    def _verdict(self, folder: Path) -> Verdict:
        """The run's verdict so far. A verdict that was changed since it was signed is begun again, without the old entries."""
        spec = self.running.spec
        try:
            return Verdict.load(folder)
        except UnsignedError:
            return Verdict(
                run=self.running.run.id,
                commit=commit(),
                substrate=spec.substrate,
                tier=spec.tier,
                versions={"postgres": spec.postgres, "redis": spec.redis},
            )

    def read(self) -> Evidence:
        """The evidence of the scenario so far."""
        read = Reading(self.stack, self._left_down, self._recorder).evidence(self._expected, self._violated)
        told = told_of_scenario(read.journal, self._script, self.failed_line)
        usual = {"usual_wait": usual_seconds()}
        return replace(read, facts={**read.facts, **told, **told_of_stack(self.stack), **usual})

    def read_at_failure(self) -> Evidence:
        """The evidence at the moment of a failure, or of a failed clean-up; the findings of the checks are kept."""
        evidence = self.read()
        if not self.findings:
            self._at_failure = self.judges.judge(evidence)
        return evidence

    def bad_findings(self) -> list[str]:
        """A sentence for each check that does not hold, the violated ones first; for a failed body, only those."""
        found = self.findings or {
            name: finding for name, finding in self._at_failure.items() if finding.outcome is Outcome.VIOLATED
        }
        bad = [(name, finding) for name, finding in found.items() if not finding.outcome.good]
        bad.sort(key=lambda each: each[1].outcome is not Outcome.VIOLATED)
        return [f"{name} {finding.outcome.value}: {'; '.join(finding.facts)}" for name, finding in bad]

    def _note_slowness(self) -> float:
        """Record the machine's slowness at begin and end of the scenario: promised times are judged with it."""
        if (slow := pace.slowness()) > 1:
            self.journal.record("pace", factor=slow)
        return slow

    def _settle(self) -> None:
        """Sample once more; connections that were cut off are closed soon, but not at once."""
        self._note_slowness()

        def settled() -> bool:
            self.sample()
            kinds = ("sample", "call", "verb")
            seen = [record for kind in kinds for record in self.stack.scenario_journal(kind)]
            return self.judges.settled(Evidence(journal=[*seen, *life_records(self.stack, self._left_down)]))

        with contextlib.suppress(Exception):  # the checks report what is wrong
            eventually(
                settled, timeout=SETTLE_SECONDS, poll=SETTLE_POLL_SECONDS, what="as few connections as before"
            )

    def last_lines(self) -> str:
        """The last lines of each node in this scenario, and the path of the rest."""
        parts = []
        for name, node in self.running.nodes.items():
            lines = list(node.log.lines(self.running.cursor(name)))
            if name == POSTGRES:
                lines = [LogLine.parse(line) for line in without_statements(line.text for line in lines)]
            state = "" if node.alive else " (not running)"
            if lines or state:
                told = [
                    f"{short(line)}{f' ({times} times like that)' if times > 1 else ''}"[:LONGEST_LINE]
                    for line, times in without_polls(joined(lines))
                ]
                head = f"{name}{state}, {len(lines)} lines, {node.log.path}"
                parts.append("\n".join([head, *told[-LAST_LINES:]]))
        return "\n\n".join([*parts, f"everything: {self.running.run.folder}"])

    def close(self) -> None:
        """End the scenario's contexts, its recorder and its client; the stack runs on."""
        self._until_judged.close()
        if self._recorder is not None:
            self._recorder.stop()
        if "api" in self.__dict__:
            self.running.let_go(self.api)
