"""What stack is wanted."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from harness.application import App


@dataclass(frozen=True, slots=True)
class StackSpec:
    """What stack is wanted.

    Args:
        tier: the row of the concurrency table; the application's usual one by default.
        env: variables for every role, which replace all others.
        omit: roles that are left out; by default those that the application calls optional.
        start: the only roles that are started; the others wait for the scenario. All by default.
        schema: False for an empty database, as at the first deploy.
        own_servers: for a scenario that hurts PostgreSQL or Redis themselves; every stack on `embedded` has its own.
        tls: whether Redis is reached by `rediss://`, as on Upstash, or plain, as on Railway's own network. None for the
            substrate's default: plain on `embedded`, else TLS.
        shared: whether all scenarios with the same specification share it: each gets it clean, and leaves its members as it found
            them. Else only one scenario uses it.
        spawned: whether every role starts in an interpreter of its own, for a scenario that changes the start of the interpreter.
        substrate: where it lives.
        postgres: version of the server, as its image is tagged; the default one by default.
        redis: likewise.
        debug: roles whose processes a debugger may get into.
    """

    tier: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    omit: tuple[str, ...] | None = None
    start: tuple[str, ...] | None = None
    schema: bool = True
    own_servers: bool = False
    tls: bool | None = None
    shared: bool = False
    spawned: bool = False
    substrate: str = "embedded"
    postgres: str = ""
    redis: str = ""
    debug: tuple[str, ...] = ()

    def on(self, substrate: str) -> "StackSpec":
        """The same stack on another substrate.

        Args:
            substrate: its name.
        """
        return replace(self, substrate=substrate)

    def of(self, app: App) -> "StackSpec":
        """The same, completed with the application's defaults.

        Args:
            app: whose stack it is.
        """
        return replace(
            self,
            tier=self.tier or app.usual_tier,
            omit=app.optional if self.omit is None else self.omit,
        )
