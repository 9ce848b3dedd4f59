"""The common interface of a stack of ours and a deployment that somebody else has started."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from harness.application import App
from harness.base.run import Run
from harness.evidence.journal import Journal
from harness.nodes.node import Node
from harness.substrates.spec import StackSpec


class Running(ABC):
    """The members that both have: a journal, a client, and a beginning and an end for each scenario.

    Args:
        app: whose deployment it is.
        spec: the wanted stack.
        run: the run with the folder of records.
        secrets: its secrets by name, as far as we know them.
    """

    inspectable: ClassVar[bool]  # whether its servers and logs can be inspected

    def __init__(self, app: App, spec: StackSpec, run: Run, secrets: dict[str, str]) -> None:
        self.app = app
        self.spec = spec
        self.run = run
        self.secrets = secrets
        self.environments: dict[str, dict[str, str]] = {}
        self.journal = Journal(run.unused("journal.ndjson"))
        self._cursors: dict[str, int] = {}
        self._first_cursors: dict[str, int] = {}
        self._journal_cursor = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @abstractmethod
    def start(self) -> None:
        """Return once it can be used."""

    @abstractmethod
    def stop(self) -> None:
        """End it, or let go of a deployment that is not ours."""

    @abstractmethod
    def detach(self) -> None:
        """Let it live on without us."""

    def another(self) -> "Running | None":
        """The next deployment for scenarios, after this one was left to a person or given up; None where a stack must be started."""
        return None

    @property
    @abstractmethod
    def how_to_end(self) -> str:
        """The sentence that tells a person how to end it."""

    @property
    @abstractmethod
    def api_url(self) -> str:
        """The address of the role that is asked for work."""

    @property
    @abstractmethod
    def nodes(self) -> Mapping[str, Node]:
        """Its members, by name."""

    @property
    @abstractmethod
    def roles(self) -> dict[str, Node]:
        """The members that play a role."""

    @abstractmethod
    def client(self) -> Any:
        """A new client of the application."""

    def let_go(self, client: Any) -> None:
        """Let go of a client that is not needed any more.

        Args:
            client: of ours.
        """
        client.close()

    @abstractmethod
    def wait_until_idle(self) -> None:
        """Return once no work is waiting or under way.

        Raises:
            TimeoutError: something still moves; says what.
        """

    @abstractmethod
    def clear(self) -> None:
        """Remove the remains of scenarios, without waiting."""

    @abstractmethod
    def access(self) -> dict[str, str]:
        """How a person reaches it: name -> address."""

    def reset(self) -> None:
        """Make it as if it were new, for the next scenario.

        Raises:
            TimeoutError: something still moves.
        """
        self.wait_until_idle()
        self.clear()

    def mark(self) -> None:
        """Begin the next scenario's part of logs and journal."""
        self._cursors = {name: node.log.cursor() for name, node in self.nodes.items()}
        self._first_cursors = self._first_cursors or self._cursors
        self._journal_cursor = self.journal.cursor()

    def cursor(self, name: str) -> int:
        """The cursor at which this scenario's part of a node's log begins."""
        return self._cursors.get(name, 0)

    def first_cursor(self, name: str) -> int:
        """The cursor at which the first scenario's part of a node's log begins: earlier lines were written at the start."""
        return self._first_cursors.get(name, 0)

    def scenario_journal(self, kind: str | None = None) -> list[dict[str, Any]]:
        """This scenario's part of the journal; all of it, or the records of one kind."""
        return self.journal.records(kind, self._journal_cursor)

    @property
    def all_secrets(self) -> dict[str, str]:
        """The secrets that no kept file may show."""
        return dict(self.secrets)
