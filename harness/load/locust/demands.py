"""The load that each tier must carry: the one reader of that file.

Its keys contain the application's noun (`orders_per_hour`, `time_to_order_p95_s`), so that its author need not know about nouns.
One table, [promise], applies to all tiers, and a tier's own table has the tier's own values.
"""

import math
import random
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from harness.load.locust.threshold import Threshold

T = TypeVar("T")
USUAL = "usual"
COMMON = ("workloads", "prices", "users", "promise")  # tables that are not tiers
ROW = (
    "concurrency",
    "database_pool_size",
    "memory_mb",
    "cpus",
)  # keys of a row: see harness/application/table.py


class TiersError(Exception):
    """The file cannot be used; says which table and key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """The provider's calls of one job, where an application declares nothing more.

    Args:
        calls: to the provider.
        call_median_seconds: of one call.
        call_sigma: of the logarithm of a call's seconds.
    """

    calls: int
    call_median_seconds: float
    call_sigma: float

    def draw(self, _: random.Random) -> int:
        """The size of one job: here all are the same."""
        return self.calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars.

    Args:
        memory_gb_month: of a gigabyte for a month.
        cpu_month: of a processor for a month.
        provider_call: what the provider takes for one call.
    """

    memory_gb_month: float
    cpu_month: float
    provider_call: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Objectives:
    """What must hold at the nominal load.

    Args:
        error_rate: share of all requests that may fail.
        api_p95_ms: of a request to the API, 95th percentile; api_p99_ms likewise.
        api_p99_ms: see there.
        time_p95_s: from the moment when a job is wanted to its end.
        log_lag_p95_s: from an event to its row in the execution log.
        burst: jobs that are asked for at once.
        drain_s: seconds within which they must have ended.
        thresholds: further objectives, of one endpoint or one kind each.
    """

    error_rate: float
    api_p95_ms: float
    api_p99_ms: float
    time_p95_s: float
    log_lag_p95_s: float
    burst: int
    drain_s: float
    thresholds: tuple[Threshold, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Users:
    """The users, so that a load can be expressed in people.

    Args:
        each_a_day: jobs that one person asks for in a day.
        peak_hour: the share of a day's jobs that come in its busiest hour.
        reading: the share of all people who browse at a moment of that hour.
    """

    each_a_day: float
    peak_hour: float
    reading: float

    def demand(self, name: str, people: float, objectives: Objectives) -> "Demand":
        """What so many of them ask for in their busiest hour.

        Args:
            name: of the tier.
            people: how many.
            objectives: of the tier.
        """
        per_hour = people * self.each_a_day * self.peak_hour
        readers = max(math.ceil(people * self.reading), 1)
        return Demand(
            name=name, per_hour=round(per_hour, 6), readers=readers, people=people, objectives=objectives
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One tier's nominal load and objectives.

    Args:
        name: of the tier.
        per_hour: arrivals.
        readers: people who browse meanwhile.
        people: people that the load stands for; 0 where that is not declared.
        objectives: what must hold.
    """

    name: str
    per_hour: float
    readers: int
    people: float = 0
    objectives: Objectives


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """The content of the file.

    Args:
        workloads: what one asks for, by name; the usual one is among them.
        prices: of what is used.
        tiers: by name, the first is the usual.
        users: who asks; None where nobody says.
    """

    workloads: Mapping[str, Any]
    prices: Prices
    tiers: Mapping[str, Demand]
    users: Users | None = None

    def named(self, wanted: str) -> str:
        """The name of an existing workload: the usual one where there is none of that name."""
        return wanted if wanted in self.workloads else USUAL

    @classmethod
    def read(
        cls, path: Path, *, noun: str, nouns: str, workload: type[Any] = Workload, table: Path | None = None
    ) -> "Demands":
        """From a file.

        Args:
            path: of it.
            noun: one of what is asked for, which its keys have in them.
            nouns: its plural.
            workload: a dataclass with a field for each key of a table [workloads.NAME].
            table: another file with the user's own rows: only these count. Each declares its load, or has the name of a tier that
                does; tables that are no rows replace those of the same name.

        Raises:
            TiersError: a key is missing, unknown or impossible.
        """
        file = _File(
            path.name,
            {"per_hour": f"{nouns}_per_hour", "time_p95_s": f"time_to_{noun}_p95_s", "each_a_day": f"{nouns}_a_day"},
            noun,
        )  # fmt: skip
        tables = _read(path)
        if table is not None:
            file, tables = replace(file, name=f"{table.name} over {path.name}"), _over(tables, _read(table))
        for name in ("workloads", "prices"):
            if not isinstance(tables.get(name), dict):
                raise TiersError(f"{path.name}: [{name}] is missing")
        named = tables.pop("workloads")
        if USUAL not in named:
            raise TiersError(f"{path.name}: [workloads.{USUAL}] is missing")
        work = {name: file.read(workload, f"workloads.{name}", table) for name, table in named.items()}
        prices = file.read(Prices, "prices", tables.pop("prices"))
        users = file.read(Users, "users", tables.pop("users")) if "users" in tables else None
        promise = tables.pop("promise", {})
        tiers, wrong = {}, []
        for name in tables:
            try:
                tiers[name] = file.demand(name, tables[name], promise, users)
            except TiersError as error:
                wrong.append(str(error))
        if wrong:
            raise TiersError("\n".join(wrong))
        if not tiers:
            raise TiersError(f"{path.name}: it has no tier")
        return cls(workloads=work, prices=prices, tiers=tiers, users=users)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TiersError(f"{path.name}: {error}") from None


def _over(tables: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """The rows of a file, with the values that are common to all; a row without a load has the load of the tier of its name."""
    rows = {name: table for name, table in own.items() if isinstance(table, dict) and "concurrency" in table}
    common = {name: tables[name] for name in COMMON if name in tables}
    demands = {
        name: {key: value for key, value in table.items() if key not in ROW} or tables.get(name, {})
        for name, table in rows.items()
    }
    return common | {name: table for name, table in own.items() if name not in rows} | demands


@dataclass(frozen=True, slots=True)
class _File:
    """The file's name, field -> key where they differ, and the noun."""

    name: str
    keys: Mapping[str, str]
    noun: str

    def demand(self, name: str, table: Any, promise: Mapping[str, Any], users: Users | None) -> Demand:
        if not isinstance(table, dict):
            raise TiersError(f"{self.name}: {name} is no table")
        own = table.pop("objectives", {})
        wanted = {**promise, **own}
        lines = [*promise.get("thresholds", ()), *own.get("thresholds", ())]
        wanted.pop("thresholds", None)
        thresholds = tuple(self._threshold(name, line) for line in lines)
        try:
            objectives = self.read(Objectives, f"{name}.objectives", wanted, thresholds=thresholds)
        except TiersError as error:
            # What is the matter with the load is told in the same breath.
            raise TiersError("\n".join([str(error), *self._problems(name, table, users)])) from None
        if problems := self._problems(name, table, users):
            raise TiersError("\n".join(problems))
        if users is not None and "people" in table and not {self.keys["per_hour"], "readers"} & table.keys():
            people = self.read(_People, name, table).people
            return users.demand(name, people, objectives)
        if users is not None and "readers" not in table:
            people = table[self.keys["per_hour"]] / (users.each_a_day * users.peak_hour)
            table = {**table, "readers": max(math.ceil(people * users.reading), 1)}
        return self.read(Demand, name, table, name=name, people=0, objectives=objectives)

    def _problems(self, name: str, table: Mapping[str, Any], users: Users | None) -> list[str]:
        """What is the matter with the load of a tier: it is said in people, or in pieces with readers, which [users] may say."""
        if users is not None and "people" in table and not {self.keys["per_hour"], "readers"} & table.keys():
            return self._wrong(_People, name, table)
        known = {
            "name",
            "people",
            "objectives",
            *(["readers"] if users is not None and "readers" not in table else []),
        }
        found = self._wrong(Demand, name, table, known)
        return [
            f"{line} (or say people)" if users is not None and line.endswith("missing") else line
            for line in found
        ]

    def _threshold(self, tier: str, line: Any) -> Threshold:
        try:
            return Threshold.parse(line, self.noun)
        except ValueError as error:
            raise TiersError(f"{self.name}: [{tier}.objectives] thresholds: {error}") from None

    def read(self, kind: type[T], where: str, table: Any, **known: Any) -> T:
        """A dataclass from a table that has exactly its fields, each a positive number or a table of such."""
        if not isinstance(table, dict):
            raise TiersError(f"{self.name}: [{where}] is no table")
        wrong = self._wrong(kind, where, table, known)
        if wrong:
            raise TiersError("\n".join(wrong))
        expected = {self.keys.get(name, name): name for name in _names(kind, known)}
        try:
            return kind(**known, **{expected[key]: value for key, value in table.items()})
        except ValueError as error:
            raise TiersError(f"{self.name}: [{where}] {error}") from None

    def _wrong(
        self, kind: type[Any], where: str, table: Mapping[str, Any], known: Collection[str] = ()
    ) -> list[str]:
        """All that is the matter with a table, a sentence each."""
        optional = {field.name for field in fields(kind) if field.default is not MISSING}
        expected = {self.keys.get(name, name): name for name in _names(kind, known)}
        found = [
            f"{self.name}: [{where}] {key} is {'missing' if key in expected else 'unknown'}"
            for key in sorted(expected.keys() ^ table.keys())
            if key in table or expected[key] not in optional
        ]
        found += [
            f"{self.name}: [{where}] {key} must be a number above 0, not {one!r}"
            for key, value in table.items()
            for one in (value.values() if isinstance(value, dict) and value else (value,))
            if isinstance(one, bool) or not isinstance(one, int | float) or not 0 < one < math.inf
        ]
        return found


def _names(kind: type[Any], known: Collection[str]) -> set[str]:
    """The fields that a table may have: those that are not known already."""
    return {field.name for field in fields(kind)} - set(known)


@dataclass(frozen=True, slots=True, kw_only=True)
class _People:
    people: float
