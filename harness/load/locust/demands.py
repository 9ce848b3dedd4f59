"""What each tier must carry: the one reader of the file that says so.

Its keys have the noun of what is asked for in them (`orders_per_hour`, `time_to_order_p95_s`, `provider_order`), so that whoever
edits it need not know what a noun is.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class TiersError(Exception):
    """The file cannot be used; says which table and key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What one asks of its provider, where an application has no more to say of it.

    Args:
        calls: to the provider.
        call_median_seconds: of one call.
        call_sigma: of the logarithm of a call's seconds.
    """

    calls: int
    call_median_seconds: float
    call_sigma: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars.

    Args:
        memory_gb_month: of a gigabyte for a month.
        cpu_month: of a processor for a month.
        provider_each: what the provider takes for one of the workload.
    """

    memory_gb_month: float
    cpu_month: float
    provider_each: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Objectives:
    """What must hold at the nominal load.

    Args:
        error_rate: of all requests; a share.
        api_p95_ms: of a request to the API, 95th percentile; api_p99_ms likewise.
        api_p99_ms: see there.
        time_p95_s: from the moment somebody wants one to its end.
        log_lag_p95_s: from an event to its row in the execution log.
        burst: asked for at once.
        drain_s: within which they must have ended.
    """

    error_rate: float
    api_p95_ms: float
    api_p99_ms: float
    time_p95_s: float
    log_lag_p95_s: float
    burst: int
    drain_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One tier's nominal load and objectives.

    Args:
        name: of the tier.
        per_hour: arrivals.
        readers: people who browse meanwhile.
        objectives: what must hold.
    """

    name: str
    per_hour: float
    readers: int
    objectives: Objectives


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """All of the file."""

    workload: Any
    prices: Prices
    tiers: Mapping[str, Demand]

    @classmethod
    def read(cls, path: Path, *, noun: str, nouns: str, workload: type[Any] = Workload) -> "Demands":
        """From a file.

        Args:
            path: of it.
            noun: one of what is asked for, which its keys have in them.
            nouns: its plural.
            workload: a dataclass with a field for each key of [workload].

        Raises:
            TiersError: a key is missing, unknown or no positive number.
        """
        file = _File(
            path.name,
            {"per_hour": f"{nouns}_per_hour", "time_p95_s": f"time_to_{noun}_p95_s", "provider_each": f"provider_{noun}"},
        )  # fmt: skip
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise TiersError(f"{path.name}: {error}") from None
        for name in ("workload", "prices"):
            if name not in tables:
                raise TiersError(f"{path.name}: [{name}] is missing")
        work = file.read(workload, "workload", tables.pop("workload"))
        prices = file.read(Prices, "prices", tables.pop("prices"))
        return cls(
            workload=work, prices=prices, tiers={name: file.demand(name, tables[name]) for name in tables}
        )


@dataclass(frozen=True, slots=True)
class _File:
    """The file's name, and field -> key where they differ."""

    name: str
    keys: Mapping[str, str]

    def demand(self, name: str, table: dict[str, Any]) -> Demand:
        objectives = self.read(Objectives, f"{name}.objectives", table.pop("objectives", {}))
        return self.read(Demand, name, table, name=name, objectives=objectives)

    def read(self, kind: type[T], where: str, table: Mapping[str, Any], **known: Any) -> T:
        """A dataclass from a table that has exactly its fields, each a positive number."""
        names = {field.name for field in fields(kind)} - known.keys()  # type: ignore[arg-type]
        expected = {self.keys.get(name, name): name for name in names}
        for key in sorted(expected.keys() ^ table.keys()):
            raise TiersError(f"{self.name}: [{where}] {key} is {'missing' if key in expected else 'unknown'}")
        for key, value in table.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
                raise TiersError(f"{self.name}: [{where}] {key} must be a number above 0, not {value!r}")
        return kind(**known, **{expected[key]: value for key, value in table.items()})
