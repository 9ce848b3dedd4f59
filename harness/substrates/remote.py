"""A deployment that runs somewhere else, as whoever uses its API sees it: nothing of it is ours to start, to hurt or to look into."""

from collections.abc import Mapping
from typing import ClassVar, NoReturn, Self

from app.roles import Role
from harness.nodes.node import Node
from harness.providers.openai.client import FakeOpenAI
from harness.substrates.servers import Given, Servers
from harness.substrates.start import Start
from harness.substrates.substrate import Capability, Substrate


class RefusedError(Exception):
    """It was asked to do to a remote deployment what only its owner may."""


class Remote(Substrate):
    """Has none of the capabilities: scenarios that need one are skipped, and each verb refuses. See harness.stack.remote_stack."""

    name = "remote"
    capabilities: ClassVar[frozenset[Capability]] = frozenset()
    on_this_machine = False

    @classmethod
    def start(cls, start: Start) -> Self:
        """See Substrate: refused."""
        _refuse(f"to start a stack of the tier {start.spec.tier}")

    @classmethod
    def attach(cls, start: Start) -> Self:
        """See Substrate: refused."""
        _refuse(f"to take over {start.run.id}")

    def start_servers(self, openai_key: str) -> Servers:  # noqa: ARG002
        """See Substrate: refused."""
        _refuse("to start servers")

    def find_servers(self, openai_key: str) -> Servers:  # noqa: ARG002
        """See Substrate: refused."""
        _refuse("to look for servers")

    def given(self, service: str) -> Given:
        """See Substrate: refused."""
        _refuse(f"what {service} is given")

    def declare_role(self, name: str, role: Role, environment: Mapping[str, str]) -> Node:  # noqa: ARG002
        """See Substrate: refused."""
        _refuse(f"to start {name}")

    def start_openai(self, key: str) -> FakeOpenAI:  # noqa: ARG002
        """A scripted provider: refused."""
        _refuse("to script the provider")


def _refuse(what: str) -> NoReturn:
    raise RefusedError(f"a remote deployment was asked {what}; only its owner may")
