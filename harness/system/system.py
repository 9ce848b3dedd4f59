"""What a scenario is given: the whole system under test behind one name."""

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any, cast

from harness.base.database import Database
from harness.base.wait import WaitTimeoutError, eventually
from harness.evidence.call_ledger import ledger_of
from harness.evidence.checks import Finding, Judges, Outcome
from harness.evidence.checks.no_unexpected_error import unexpected_errors
from harness.evidence.evidence import Evidence
from harness.evidence.evidence_folder import EVIDENCE, EvidenceFolder, folder_name
from harness.evidence.journal import Journal
from harness.evidence.redaction import Redactor
from harness.evidence.task_events import TaskEvents, TaskRecorder
from harness.nodes.node import Node
from harness.nodes.tls_front import Front, tls_front
from harness.stack.running import Running
from harness.stack.stack import Stack
from harness.system.collect import gather, scenario_logs
from harness.system.faults import FAULTS
from harness.system.faults.faults import Faults
from harness.system.resource_sample import sample

LAST_LINES = 10
SETTLE_SECONDS = 10.0
SETTLE_POLL_SECONDS = 0.5


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
        self.api: Any = running.client()
        self.judges = Judges.of(running.app)
        self.findings: dict[str, Finding] = {}  # of the last check
        self.evidence = Evidence()  # that decided them
        self._scenario = scenario
        self._expected: list[str] = []
        self._events: TaskEvents | None = None

    @cached_property
    def faults(self) -> Faults:
        """Hurts the stack. From the first look at it on, task events are listened to, and there is a sample to compare with.

        Of a live deployment neither is to be had, but what a client does to it can still be noted.
        """
        if self.running.inspectable:
            recorder = TaskRecorder(self.journal, self.stack.app.work)
            self._events = TaskEvents(self.stack.broker_url, recorder)
            self._events.start()
            self.sample()
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
        """Write down what the stack holds now: connections, descriptors, memory. From then on they are judged."""
        found = sample(self.stack)
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
        """A member by its name: a role's, `postgres`, `redis`, or a provider's."""
        return self.stack.node(name)

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

    @property
    def expected_errors(self) -> list[str]:
        """What `expect_errors` was told."""
        return list(self._expected)

    def expect_errors(self, pattern: str) -> None:
        """Say that errors with this regular expression in them are part of the scenario."""
        self._expected.append(pattern)

    def check(self) -> None:
        """Every check must hold over what the scenario has left behind.

        Raises:
            AssertionError: one is violated or unknown; with its facts.
        """
        self.check_all_but()

    def check_all_but(self, *names: str) -> None:
        """Every other check must hold: for a scenario in which there is nothing for these to judge.

        Args:
            names: of checks.

        Raises:
            AssertionError: one is violated or unknown; with its facts.
        """
        if not self.running.inspectable:
            self.show("checks", "not applicable: no database and no scripted provider to look into")
            return
        self.stack.wait_until_idle()
        bad = [
            f"{name} {finding.outcome.value}: {'; '.join(finding.facts)}"
            for name, finding in self.judge(*names).items()
            if finding.outcome is not Outcome.HOLDS
        ]
        assert not bad, "\n".join(bad)

    def judge(self, *names: str) -> dict[str, Finding]:
        """What every check says of what there is now, whether or not something still moves. It is kept for `harness recheck`.

        Args:
            names: of checks that are not asked.
        """
        if "faults" in self.__dict__:
            self._settle()
        self.evidence = gather(self.stack, self._expected, names)
        self.findings = self.judges.judge(self.evidence)
        folder = self.stack.run.folder / EVIDENCE / folder_name(self._scenario)
        EvidenceFolder(folder, Redactor(self.stack.all_secrets)).save(self.evidence)
        return self.findings

    def _settle(self) -> None:
        """Sample once more; what was cut off is closed soon, but not at once."""

        def settled() -> bool:
            self.sample()
            evidence = Evidence(journal=self.stack.scenario_journal("sample"))
            return all(check(evidence).outcome is Outcome.HOLDS for check in self.judges.where_sampled)

        with contextlib.suppress(WaitTimeoutError):  # the check says what is wrong
            eventually(
                settled, timeout=SETTLE_SECONDS, poll=SETTLE_POLL_SECONDS, what="as few connections as before"
            )

    def unexpected_errors(self) -> list[str]:
        """The errors in the logs that the scenario caused and did not expect."""
        return unexpected_errors(scenario_logs(self.running), self._expected, self.running.app.errors)

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
        """End what listens to it for this scenario, and the scenario's client; it runs on."""
        if self._events is not None:
            self._events.stop()
        self.running.let_go(self.api)
