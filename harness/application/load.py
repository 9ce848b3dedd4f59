"""The load that a kind of work must carry."""

from dataclasses import dataclass

from harness.application.error import DeclarationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much of one kind of work comes, and by when it is done.

    Args:
        work: its name.
        per_hour: pieces that come in an hour.
        done_p95_s: seconds within which 95 of 100 have ended.
        burst: pieces that may come at once.
        drain_s: seconds within which all of such a burst have ended.
    """

    work: str
    per_hour: float = 0.0
    done_p95_s: float = 0.0
    burst: int = 0
    drain_s: float = 0.0

    def __post_init__(self) -> None:
        for name in ("per_hour", "done_p95_s", "burst", "drain_s"):
            if getattr(self, name) < 0:
                raise DeclarationError(f"load of {self.work}: {name}={getattr(self, name)!r} is below 0")
