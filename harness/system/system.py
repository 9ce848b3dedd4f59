"""What a scenario is given: the whole system under test behind one name."""

import contextlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

from harness.base import pace
from harness.base.commit import commit
from harness.base.database import Database
from harness.base.exits import Exit
from harness.base.wait import WaitTimeoutError, eventually
from harness.evidence.call_ledger import ledger_of
from harness.evidence.checks import Finding, Judges
from harness.evidence.checks.finding import exit_of
from harness.evidence.evidence import Evidence
from harness.evidence.evidence_folder import EVIDENCE, EvidenceFolder, folder_name, seal_of
from harness.evidence.excuse import ANY, Excuse
from harness.evidence.journal import Journal
from harness.evidence.redaction import Redactor
from harness.evidence.task_events import TaskEvents, TaskRecorder
from harness.evidence.verdict import Judged, UnsignedError, Verdict
from harness.nodes.node import Node
from harness.nodes.tls_front import Front, tls_front
from harness.stack.running import Running
from harness.stack.stack import Stack
from harness.system.collect import Reading, gather, life_records
from harness.system.faults import FAULTS
from harness.system.faults.faults import Faults
from harness.system.resource_sample import sample
from harness.system.watched_node import WatchedNode

T = TypeVar("T")
LAST_LINES = 10
SETTLE_SECONDS = 10.0
SETTLE_POLL_SECONDS = 0.5
LAST_WORD_SECONDS = 5.0  # until what a member says of the last call has been written
LAST_WORD_POLL_SECONDS = 0.25


class NotOursError(Exception):
    """A scenario wanted to look into a deployment that is not ours."""


class System:
    """One scenario's view of a stack.

    Args:
        running: what it runs on.
        show: takes what the scenario has to show of itself, by name.
        scenario: its node id, which names the folder of its evidence.
    """

    def __init__(
        self, running: Running, show: Callable[[str, object], None], scenario: str = "scenario"
    ) -> None:
        self.running = running
        self.show = show
        self.judges = Judges.of(running.app)
        self.findings: dict[str, Finding] = {}  # of the last check
        self.evidence = Evidence()  # that decided them
        self._scenario = scenario
        self._expected: list[Excuse] = []
        self._violated: list[str] = []
        self._left_down: list[str] = []
        self._sampled = False
        self._until_judged = contextlib.ExitStack()
        self._events: TaskEvents | None = None

    def begin(self) -> None:
        """Before anything is asked: the sample that all later ones are compared with. Done once."""
        if self.running.inspectable and not self._sampled:
            self._note_slowness()
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
        """Hurts the stack. From the first look at it on, task events are listened to.

        Of a live deployment they are not to be had, but what a client does to it can still be noted.
        """
        if self.running.inspectable:
            recorder = TaskRecorder(self.journal, self.stack.app.work)
            self._events = TaskEvents(self.stack.broker_url, recorder)
            self._events.start()
            self.begin()
        return Faults(cast("Stack", self.running), FAULTS)  # of a live one, only notes are taken

    @property
    def stack(self) -> Stack:
        """What it runs on, where that is ours.

        Raises:
            NotOursError: it is somebody else's deployment.
        """
        if not isinstance(self.running, Stack):
            raise NotOursError(f"{self.running.api_url} is not ours to look into")
        return self.running

    @property
    def ledger(self) -> Any:
        """What was promised so far, and what became of it: the application's own, or see harness.evidence.call_ledger."""
        return ledger_of(self.running.app, gather(self.stack))

    def sample(self) -> dict[str, Any]:
        """Write down what the stack holds now: connections, descriptors, memory; or that this could not be seen."""
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
        """The stack's PostgreSQL, past every link.

        Raises:
            NotOursError: it is somebody else's deployment.
        """
        return self.stack.database

    @property
    def journal(self) -> Journal:
        """What is written down of everything that happens to it."""
        return self.running.journal

    def node(self, name: str) -> Node:
        """A member by its name: a role's, `postgres`, `redis`, or a provider's. What is done to it by its verbs is in the journal."""
        return cast("Node", WatchedNode(self.stack.node(name), self.journal))

    def deploy(self, service: str, *, name: str = "", **variables: str) -> Node:
        """Start a service with other variables than it is declared with, or one more of it.

        Args:
            service: as the deployment declares it.
            name: of the node; another one than the service's for one more of it.
            variables: name -> value.
        """
        return self.stack.start_role(service, name or service, variables)

    def tls_front(self, server: str) -> AbstractContextManager[Front]:
        """A server's port once more, with TLS, signed by an authority that nobody knows but who reads its file.

        Args:
            server: its name; one that speaks no TLS itself.

        Returns:
            As long as the context lasts, there are its `address` (`host:port`) and the file of the `authority`.
        """
        return tls_front(self.stack.substrate.links.outside(server), self.stack.run.data)

    def log_lines(self, name: str, **fields: Any) -> list[dict[str, Any]]:
        """A node's JSON lines of this scenario whose fields are equal to these."""
        lines = self.node(name).log.lines(self.stack.cursor(name))
        return [line.fields for line in lines if line.fields and fields.items() <= line.fields.items()]

    def expect_errors(self, pattern: str, *nodes: str, most: int = 1, least: int = 1) -> None:
        """Say that errors are part of the scenario, from now on, and must be logged.

        Args:
            pattern: a regular expression, searched in each.
            nodes: who may log them, by name or as fnmatch has it; anybody by default.
            most: of them.
            least: of them; 0 only where the product itself says when it keeps silent.

        Raises:
            UnboundedError: the pattern matches whatever is logged.
        """
        self._expect(Excuse(pattern, nodes or (ANY,), most, least, since=time.time()))

    def expect_errors_while_hurt(self, pattern: str, *nodes: str, most: int) -> None:
        """Say that errors are part of the scenario as long as a fault lasts, and until the system has recovered from it.

        Which of them a role logs depends on the moment at which the fault meets it, so none need be; a fault there must be.

        Args:
            pattern: a regular expression, searched in each.
            nodes: who may log them, by name or as fnmatch has it; anybody by default.
            most: of them.

        Raises:
            UnboundedError: the pattern matches whatever is logged.
        """
        self._expect(Excuse(pattern, nodes or (ANY,), most, where_hurt=True))

    def _expect(self, excuse: Excuse) -> None:
        if excuse not in self._expected:
            self._expected.append(excuse)

    def expect_violated(self, *checks: str) -> None:
        """Say that a safety is switched off, and that the checks that are there for it must go red.

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
        """Enter a context that is left once the scenario has been judged: of what it would be judged by.

        Args:
            context: to be entered now.
        """
        return self._until_judged.enter_context(context)

    def promised(self, **ids: str) -> None:
        """Say that a client that is not ours, such as a load generator, was promised work: it is judged as what ours were promised.

        Args:
            ids: the work's name for its id -> the id.
        """
        self.journal.record("promised", **ids)

    def forgotten(self, **ids: str) -> None:
        """Say that the scenario itself has had something forgotten that was accepted, as an older backup does.

        Args:
            ids: the work's name for its id -> the id.
        """
        self.journal.record("forgotten", **ids)

    def check(self) -> None:
        """Every check must hold over what the scenario has left behind so far, once nothing moves any more.

        Whoever asks for `system` is judged so when all is over: this is for who wants to know it before.

        Raises:
            AssertionError: one is violated or unknown; with its facts.
        """
        bad = self.judged()
        assert not bad, "\n".join(bad)

    def begin_again(self) -> None:
        """What came so far is judged and forgotten: what follows is another scenario on the same stack.

        Raises:
            AssertionError: a check is violated or unknown.
        """
        self.check()
        self.stack.reset()
        self.sample()

    def judged(self) -> list[str]:
        """What keeps the scenario from being a proof, a sentence for each check; nothing where it is one."""
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
        return bad + [
            f"{name} {finding.outcome.value}: {'; '.join(finding.facts)}"
            for name, finding in self.findings.items()
            if not finding.outcome.good
        ]

    @property
    def too_slow_to_tell(self) -> bool:
        """Whether nothing but this machine's slowness keeps what was judged from being a proof."""
        bad = [finding for finding in self.findings.values() if not finding.outcome.good]
        return bool(bad) and all(finding.slow for finding in bad) and not self.stack.busy()

    def judge(self) -> dict[str, Finding]:
        """What every check says of what there is now, whether or not something still moves. It is kept for `harness recheck`."""
        self._settle()
        self.evidence = self.read()
        self.findings = self.judges.judge(self.evidence)
        folder = self.stack.run.folder / EVIDENCE / folder_name(self._scenario)
        EvidenceFolder(folder, Redactor(self.stack.all_secrets)).save(self.evidence)
        return self.findings

    def sign_off(self, *, passed: bool, skipped: bool = False) -> None:
        """Write into the run's verdict what was judged of the scenario, when all else is over.

        Args:
            passed: whether it did, to the end of its teardown.
            skipped: whether nothing failed, and yet it did not pass.
        """
        folder = f"{EVIDENCE}/{folder_name(self._scenario)}" if self.findings else ""
        checks = {name: finding.outcome.value for name, finding in self.findings.items()}
        run = self.running.run.folder
        seal = seal_of(run / folder) if folder else ""
        judged = Judged(folder, passed, checks, seal, skipped)
        self._verdict(run).with_judged(self._scenario, judged).sign(run)

    def _verdict(self, folder: Path) -> Verdict:
        """Of the run so far. One that is not as it was signed off is begun anew, and lacks what it had."""
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
        """What the scenario has left behind so far."""
        return Reading(self.stack, self._left_down).evidence(self._expected, self._violated)

    def _note_slowness(self) -> None:
        """Promised times are judged with it, as the scenario begins and ends."""
        if (slow := pace.slowness()) > 1:
            self.journal.record("pace", factor=slow)

    def _settle(self) -> None:
        """Sample once more; what was cut off is closed soon, but not at once."""
        self._note_slowness()

        def settled() -> bool:
            self.sample()
            kinds = ("sample", "call", "verb")
            seen = [record for kind in kinds for record in self.stack.scenario_journal(kind)]
            return self.judges.settled(Evidence(journal=[*seen, *life_records(self.stack, self._left_down)]))

        with contextlib.suppress(Exception):  # the checks say what is wrong
            eventually(
                settled, timeout=SETTLE_SECONDS, poll=SETTLE_POLL_SECONDS, what="as few connections as before"
            )

    def last_lines(self) -> str:
        """What each node wrote last in this scenario, and where the rest lies."""
        parts = []
        for name, node in self.running.nodes.items():
            lines = [line.text for line in node.log.lines(self.running.cursor(name))]
            state = "" if node.alive else " (not running)"
            if lines or state:
                parts.append(
                    "\n".join([f"{name}{state}, {len(lines)} lines, {node.log.path}", *lines[-LAST_LINES:]])
                )
        return "\n\n".join([*parts, f"everything: {self.running.run.folder}"])

    def close(self) -> None:
        """End what the scenario entered, what listens to it, and its client; the stack runs on."""
        self._until_judged.close()
        if self._events is not None:
            self._events.stop()
        if "api" in self.__dict__:
            self.running.let_go(self.api)
