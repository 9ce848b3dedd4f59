"""What each tier must carry: the one reader of loadtests/tiers.toml.

Standard library only: the Locust process reads it too, and must import neither `app` nor `harness`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

FILE = Path(__file__).parents[3] / "loadtests" / "tiers.toml"
T = TypeVar("T")


class TiersError(Exception):
    """The file cannot be used; says which table and key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What one roadmap asks of its provider.

    Args:
        concepts: of its curriculum; each has three parts.
        call_median_seconds: of one call.
        call_sigma: of the logarithm of a call's seconds.
    """

    concepts: int
    call_median_seconds: float
    call_sigma: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars.

    Args:
        memory_gb_month: of a gigabyte for a month.
        cpu_month: of a processor for a month.
        provider_roadmap: what the provider takes for a roadmap of the workload.
    """

    memory_gb_month: float
    cpu_month: float
    provider_roadmap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Objectives:
    """What must hold at the nominal load.

    Args:
        error_rate: of all requests; a share.
        api_p95_ms: of a request to the API, 95th percentile; api_p99_ms likewise.
        api_p99_ms: see there.
        time_to_roadmap_p95_s: from the moment somebody wants a roadmap to its end.
        log_lag_p95_s: from an event to its row in the execution log.
        burst: roadmaps asked for at once.
        drain_s: within which they must have ended.
    """

    error_rate: float
    api_p95_ms: float
    api_p99_ms: float
    time_to_roadmap_p95_s: float
    log_lag_p95_s: float
    burst: int
    drain_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One tier's nominal load and objectives.

    Args:
        name: of the tier.
        roadmaps_per_hour: arrivals.
        readers: people who browse meanwhile.
        objectives: what must hold.
    """

    name: str
    roadmaps_per_hour: float
    readers: int
    objectives: Objectives


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """All of the file."""

    workload: Workload
    prices: Prices
    tiers: Mapping[str, Demand]

    @classmethod
    def load(cls, path: Path = FILE) -> "Demands":
        """Read the file.

        Raises:
            TiersError: a key is missing, unknown or no positive number.
        """
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        for name in ("workload", "prices"):
            if name not in tables:
                raise TiersError(f"{path.name}: [{name}] is missing")
        workload = _read(Workload, "workload", tables.pop("workload"))
        prices = _read(Prices, "prices", tables.pop("prices"))
        return cls(
            workload=workload, prices=prices, tiers={name: _demand(name, tables[name]) for name in tables}
        )


def _demand(name: str, table: dict[str, Any]) -> Demand:
    objectives = _read(Objectives, f"{name}.objectives", table.pop("objectives", {}))
    return _read(Demand, name, table, name=name, objectives=objectives)


def _read(kind: type[T], where: str, table: Mapping[str, Any], **known: Any) -> T:
    """A dataclass from a table that has exactly its fields, each a positive number."""
    expected = {field.name for field in fields(kind)} - known.keys()  # type: ignore[arg-type]
    for key in sorted(expected ^ table.keys()):
        raise TiersError(f"tiers.toml: [{where}] {key} is {'missing' if key in expected else 'unknown'}")
    for key, value in table.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise TiersError(f"tiers.toml: [{where}] {key} must be a number above 0, not {value!r}")
    return kind(**known, **table)
