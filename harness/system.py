"""What a scenario is given: the whole system under test behind one name."""

from collections.abc import Callable
from typing import Any

from harness.checks import CHECKS, Outcome
from harness.client import ApiClient
from harness.database import Database
from harness.fake_openai.client import FakeOpenAI
from harness.journal import Journal
from harness.node import Node
from harness.stack import Stack

LAST_LINES = 10


class System:
    """One scenario's view of a stack.

    Args:
        stack: it runs on.
        show: takes what the scenario has to show of itself, by name.
    """

    def __init__(self, stack: Stack, show: Callable[[str, object], None]) -> None:
        self.stack = stack
        self.show = show
        self.api: ApiClient = stack.client()
        self._expected: list[str] = []

    @property
    def openai(self) -> FakeOpenAI:
        return self.stack.openai

    @property
    def database(self) -> Database:
        return self.stack.database

    @property
    def journal(self) -> Journal:
        return self.stack.journal

    def node(self, name: str) -> Node:
        """A member by its service's name, or `postgres`, `redis`, `openai`."""
        return self.stack.node(name)

    def deploy(self, service: str, *, name: str = "", **variables: str) -> Node:
        """Start a service with other variables than it is declared with, or one more of it.

        Args:
            service: as the deployment declares it.
            name: of the node; another one than the service's for one more of it.
            variables: name -> value.
        """
        return self.stack.start_role(service, name or service, variables)

    def log_lines(self, name: str, **fields: Any) -> list[dict[str, Any]]:
        """A node's JSON lines of this scenario whose fields are equal to these."""
        lines = self.node(name).log.lines(self.stack.cursor(name))
        return [line.fields for line in lines if line.fields and fields.items() <= line.fields.items()]

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
        if not self.stack.on_this_machine:
            self.show("checks", "not applicable: no database and no scripted provider to look into")
            return
        self.stack.wait_until_idle()
        evidence = self.stack.evidence()
        findings = {check.__name__: check(evidence) for check in CHECKS if check.__name__ not in names}
        bad = [
            f"{name} {finding.outcome.value}: {'; '.join(finding.facts)}"
            for name, finding in findings.items()
            if finding.outcome is not Outcome.HOLDS
        ]
        assert not bad, "\n".join(bad)

    def unexpected_errors(self) -> list[str]:
        """The errors in the logs that the scenario caused and did not expect."""
        return [
            f"{name}: {line.text}"
            for name, node in self.stack.nodes.items()
            for line in node.log.unexpected(self.stack.cursor(name), self._expected)
        ]

    def last_lines(self) -> str:
        """What each node wrote last in this scenario, and where the rest lies."""
        parts = []
        for name, node in self.stack.nodes.items():
            lines = [line.text for line in node.log.lines(self.stack.cursor(name))]
            state = "" if node.alive else " (not running)"
            if lines or state:
                parts.append(
                    "\n".join([f"{name}{state}, {len(lines)} lines, {node.log.path}", *lines[-LAST_LINES:]])
                )
        return "\n\n".join([*parts, f"everything: {self.stack.run.folder}"])

    def close(self) -> None:
        self.api.close()
