"""Where the servers of a stack are, as its proxy reaches them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One port of a server.

    Args:
        outside: the `host:port` by which the machine reaches it.
        inside: the `host:port` by which other containers do.
    """

    outside: str
    inside: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """What is settled of PostgreSQL and Redis in containers before they run.

    Args:
        run_id: of the run whose they are.
        redis_password: of its only user.
        authority: file with the certificate of who has signed Redis' own.
        authority_volume: with it, for containers; empty where none can reach the servers.
        logs: folder of what they write.
        network: that containers are in which shall reach them; empty if none can.
    """

    run_id: str
    redis_password: str
    authority: str
    authority_volume: str
    logs: str
    network: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """PostgreSQL and Redis in containers, once they run.

    Args:
        premises: what was settled before.
        postgres: where it listens.
        redis: where it listens without TLS.
        redis_tls: where it listens with TLS.
    """

    premises: Premises
    postgres: Place
    redis: Place
    redis_tls: Place
