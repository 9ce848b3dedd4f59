"""What stack is wanted."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scenarios.roadmaps.services import FLOWER


@dataclass(frozen=True, slots=True)
class StackSpec:
    """What stack is wanted.

    Args:
        tier: the row of the concurrency table.
        env: variables set in every service, over everything else.
        omit: services that are left out.
        start: the only services that are started; the others wait for the scenario. All by default.
        schema: False for an empty database, as at the first deploy.
        own_servers: for a scenario that hurts PostgreSQL or Redis themselves; every stack on `embedded` has its own.
        tls: whether Redis is reached by `rediss://`, as on Upstash, or plain, as on Railway's own network. None for what
            the substrate has: plain on `embedded`, else TLS.
        shared: with the scenarios that ask for the very same: each finds it as if it were new, and leaves its members as it
            found them. Else it is one scenario's alone.
        spawned: every role in an interpreter of its own, for a scenario that changes what an interpreter is started with.
        substrate: where it lives.
        postgres: version of the server, as its image is tagged; the default one by default.
        redis: likewise.
    """

    tier: str = "starter"
    env: Mapping[str, str] = field(default_factory=dict)
    omit: tuple[str, ...] = (FLOWER,)
    start: tuple[str, ...] | None = None
    schema: bool = True
    own_servers: bool = False
    tls: bool | None = None
    shared: bool = False
    spawned: bool = False
    substrate: str = "embedded"
    postgres: str = ""
    redis: str = ""
