"""The choices of one test session by its options: substrate, tier, versions, and the servers that its stacks share."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from harness.application import App, DeclarationError, current
from harness.nodes.process import SupervisorError
from harness.stack.address import Address, NoSuchStackError
from harness.stack.live_deployment import LiveDeployment
from harness.stack.running import Running
from harness.stack.stack import Stack, StaleStackError
from harness.stack.target import NotThisBuildError, Target, prove
from harness.substrates.choice import REMOTE, SUBSTRATES, substrate, usual
from harness.substrates.engine.engine import EngineError, why_no_engine
from harness.substrates.spec import StackSpec
from harness.substrates.substrate import Capability, Substrate
from harness.substrates.versions import Versions

if TYPE_CHECKING:
    from harness.substrates.session_servers import SessionServers

DOOR = "door of the session's servers"  # name under which a worker of pytest-xdist gets it
WORKER_INPUT = "workerinput"  # attribute that only a worker of pytest-xdist has
WORKER_ID = "workerid"  # key of the worker's name in it


def add_options(group: pytest.OptionGroup) -> None:
    """The options that a Session is made of."""
    group.addoption(
        "--tier",
        metavar="ROW",
        help="row of the concurrency table; by default the first one that the application declares",
    )
    group.addoption(
        "--substrate",
        choices=(*SUBSTRATES, REMOTE),
        help="where the stack lives; containers by default where a Docker engine answers, else embedded",
    )
    group.addoption("--plain-redis", action="store_true", help="reach Redis without TLS where it has it")
    for server in ("postgres", "redis"):
        group.addoption(
            f"--{server}",
            metavar="VERSIONS",
            default="",
            help=f"versions of {server}, as its image is tagged, such as 15,17: every scenario runs on each",
        )
    group.addoption(
        "--reuse",
        action="store_true",
        help="run on the stack that harness up --detach has left; what is in it is removed",
    )
    group.addoption("--run", default="", help="which stack to reuse, where several are running")
    group.addoption("--url", default="", help="address of a live deployment's API, for --substrate remote")
    group.addoption("--commit", default="", help="commit that a remote deployment must run, or its beginning")
    group.addoption(
        "--allow-paid",
        action="store_true",
        help="let scenarios of a remote deployment call its real provider",
    )


class Session:
    """The choices by the options.

    Args:
        config: with the options.

    Raises:
        pytest.UsageError: they ask for something impossible.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._tier = config.getoption("--tier")
        self._app: App | None = None
        self.reused = self._left_running(config) if config.getoption("--reuse") else None
        self.kind = self._substrate(config.getoption("--substrate"))
        self._target = self._remote(config)
        capabilities = self.kind.capabilities if self.kind else frozenset()
        self._tls = Capability.TLS in capabilities and not config.getoption("--plain-redis")
        self.versions = Versions.matrix(
            *(config.getoption(f"--{server}").split(",") for server in ("postgres", "redis"))
        )
        if self.versions != [Versions()] and Capability.VERSIONS not in capabilities:
            raise pytest.UsageError(
                f"--postgres, --redis: {self.where} has not {Capability.VERSIONS.meaning}"
            )
        self._door = str(getattr(config, WORKER_INPUT, {}).get(DOOR, ""))
        self._servers = self._own_servers(config)

    @property
    def app(self) -> App:
        """The application whose scenarios they are.

        Raises:
            pytest.UsageError: the project declares no application, or none with that tier.
        """
        if self._app is None:
            try:
                self._app = current()
            except DeclarationError as error:
                raise pytest.UsageError(str(error)) from None
            if self._tier and self._tier not in self._app.tiers:
                raise pytest.UsageError(
                    f"--tier: there is no tier {self._tier!r}; there are {', '.join(self._app.tiers)}"
                )
        return self._app

    @property
    def where(self) -> str:
        """The name of the substrate."""
        return self.kind.name if self.kind else REMOTE

    def spec(self, versions: Versions) -> StackSpec:
        """The stack that most scenarios run on.

        Args:
            versions: of the servers.
        """
        if self.reused:
            return self.reused.spec
        wanted = StackSpec(
            tier=self._tier or "",
            substrate=self.where,
            tls=self._tls,
            postgres=versions.postgres,
            redis=versions.redis,
        )
        return wanted.of(self.app)

    @property
    def specs(self) -> list[StackSpec]:
        """A specification for each of the versions."""
        return [self.spec(versions) for versions in self.versions]

    @property
    def door(self) -> str:
        """The door of the servers that the session's stacks share; empty where each stack has its own servers."""
        return self._servers.door if self._servers else self._door

    def attached(self) -> Running | None:
        """The running stack that becomes the shared one; ends the session if it cannot be used."""
        if self._target:
            try:
                prove(self._target, self.app.told_build)
            except NotThisBuildError as error:
                pytest.exit(str(error), pytest.ExitCode.USAGE_ERROR)
            return LiveDeployment(self.spec(self.versions[0]), self._target, self.app)
        if self.reused is None:
            return None
        try:
            return Stack.attach(self.reused, app=self.app)
        except (SupervisorError, StaleStackError) as error:
            pytest.exit(f"--reuse: {error}", pytest.ExitCode.USAGE_ERROR)

    def close(self) -> None:
        """End the servers that the stacks have shared."""
        if self._servers is not None:
            self._servers.close()

    def __str__(self) -> str:
        spec = self.spec(self.versions[0])
        parts = [f"tier {spec.tier} on {spec.substrate}"]
        if spec.tls:
            parts.append("Redis with TLS")
        if self.versions != [Versions()]:
            parts += map(str, self.versions)
        if self.reused:
            parts.append(f"reusing {self.reused.run_id}")
        return ", ".join(parts)

    def _substrate(self, chosen: str | None) -> type[Substrate] | None:
        if chosen == REMOTE and not self.reused:
            return None
        if self.reused:
            name = self.reused.spec.substrate
            if chosen not in {None, name}:
                raise pytest.UsageError(f"--reuse: the stack of {self.reused.run_id} is on {name}")
            return substrate(name)
        try:
            kind = substrate(chosen or usual())
        except DeclarationError as error:
            raise pytest.UsageError(str(error)) from None
        if kind.needs_engine and (reason := why_no_engine()):
            raise pytest.UsageError(f"--substrate {kind.name}: there is no Docker engine: {reason}")
        return kind

    def _remote(self, config: pytest.Config) -> Target | None:
        url = config.getoption("--url").rstrip("/")
        if bool(url) != (self.kind is None):
            raise pytest.UsageError("--url and --substrate remote go together")
        if url and config.getoption("numprocesses", None):
            raise pytest.UsageError("--substrate remote: a deployment is for one process, leave -n out")
        return Target(url, config.getoption("--commit")) if url else None

    def why_not(self, item: pytest.Item) -> str | None:
        """Why a scenario must not run on a deployment that is not ours; None if it may, or the stack is ours.

        Args:
            item: the scenario, with its marks.
        """
        if self._target is None:
            return None
        marker = item.get_closest_marker("remote")
        if marker is None or item.get_closest_marker("stack"):
            return "it would change a remote deployment, or look into it"
        if marker.kwargs.get("paid") and not item.config.getoption("--allow-paid"):
            return "it calls the deployment's real provider, which costs money: --allow-paid"
        return None

    def _left_running(self, config: pytest.Config) -> Address:
        if config.getoption("numprocesses", None):
            raise pytest.UsageError("--reuse: a stack is for one process, leave -n out")
        try:
            address = Address.find(config.getoption("--run"))
        except NoSuchStackError as error:
            raise pytest.UsageError(f"--reuse: {error}") from None
        if self._tier not in {None, address.spec.tier}:
            raise pytest.UsageError(
                f"--reuse: the stack of {address.run_id} is of the tier {address.spec.tier}"
            )
        return address

    def _own_servers(self, config: pytest.Config) -> "SessionServers | None":
        """The servers of the session's main process; a worker of pytest-xdist uses those of its controller."""
        if self.kind is None or not self.kind.needs_engine or self.reused or hasattr(config, WORKER_INPUT):
            return None
        from harness.substrates.engine import ryuk
        from harness.substrates.session_servers import SessionServers

        try:
            self.kind.prepare(self.app, _tell(config))
        except EngineError as error:
            raise pytest.UsageError(f"--substrate {self.kind.name}: {error}") from None
        if not config.getoption("--keep-on-failure"):
            ryuk.want()
        return SessionServers(self.app, _tell(config))


def _tell(config: pytest.Config) -> Callable[[str], None]:
    """Show a long step, even while pytest captures the output."""

    def tell(step: str) -> None:
        reporter: Any = config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None:
            reporter.ensure_newline()
            reporter.write_line(step)

    return tell
