"""The addresses of a stack's servers for its proxy."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One port of a server.

    Args:
        outside: the `host:port` by which this machine reaches it.
        inside: the `host:port` by which other containers reach it.
    """

    outside: str
    inside: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """Facts about PostgreSQL and Redis in containers that are known before they run.

    Args:
        run_id: id of their run.
        redis_password: of its only user.
        authority: file with the certificate of Redis' authority.
        authority_volume: volume with that file, for containers; empty where none can reach the servers.
        logs: folder of their logs.
        network: network of the containers that reach them; empty if none can.
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
        premises: facts that were known before.
        postgres: where it listens.
        redis: where it listens without TLS.
        redis_tls: where it listens with TLS.
    """

    premises: Premises
    postgres: Place
    redis: Place
    redis_tls: Place
