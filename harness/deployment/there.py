"""The deployment as it is set on Railway: the declared one, with what a file says in the place of the declared values."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from harness.application import Tier
from harness.deployment.audit import in_order, judge
from harness.deployment.audit.flaw import Flaw, Place, Severity
from harness.deployment.audit.rule import Breach, Rule
from harness.deployment.audit.subject import SAMPLE_SECRET, Subject
from harness.deployment.declaration import Deployment, Service
from harness.deployment.drift import DRIFT, differences
from harness.deployment.found import REGIONS, found_in
from harness.deployment.railway import DOCKERFILE_PATH, DRAINING_SECONDS, OVERLAP_SECONDS
from harness.deployment.railway_python import FIELDS, KEPT, Found, Settings, named
from harness.deployment.references import OPENING, SHARED, redirected, reference, targets

SLIP = 0.8  # from so alike on, difflib's ratio, an unknown name is a known one that was misspelt
Name = tuple[str, str]  # of a service, or `shared`, and a variable of it
MADE_OF = {"draining_seconds": DRAINING_SECONDS, "overlap_seconds": OVERLAP_SECONDS}


def judge_there(subject: Subject, path: Path, rules: Sequence[Rule]) -> tuple[list[Rule], list[Breach]]:
    """What differs from the declaration, and what the rules have to say of what is set.

    Args:
        subject: with the declaration.
        path: of the file that says what is set; see `found_in`.
        rules: those that look at the repository alone are left out.

    Returns:
        The rules that have judged, and what breaks them.

    Raises:
        DeploymentError: the file cannot be read.
    """
    found = found_in(path, subject.deployment)
    tier, drifted = differences(subject, path, found)
    asked = [rule for rule in rules if not (rule.of_files or rule.compares or rule is DRIFT)]
    breaches = judge(There(subject, path, found, tier), asked)
    if DRIFT in rules:
        asked.append(DRIFT)
        breaches += [*drifted, *_placeholders(subject, path, found)]
    return asked, in_order(breaches)


def _placeholders(subject: Subject, path: Path, found: Found) -> list[Breach]:
    """What everybody has to choose, and is there as it is declared."""
    return [
        Breach(
            DRIFT,
            Flaw(
                found.services[service.name].place(path, service.name, variable),
                "is still what the declaration has in the place of a value of your own",
                f"set {variable} there to your own",
                Severity.WARNING,
            ),
        )
        for service in subject.services
        for variable in sorted(subject.program.placeholders & service.variables.keys())
        if service.name in found.services
        and found.services[service.name].values.get(named(variable)) == service.variables[variable]
    ]


class There(Subject):
    """What is set on Railway. What the file does not say is as it is declared.

    Args:
        subject: with the declaration.
        path: of the file.
        found: in it.
        tier: that it is nearest to.
    """

    def __init__(self, subject: Subject, path: Path, found: Found, tier: str) -> None:
        self.root, self.program = subject.root, subject.program
        self._path, self._found = path, found
        self._declared = subject
        self._set: dict[
            Name, str
        ] = {}  # values of secrets and of the project's variables, which no rule may show
        self.deployment = self._deployed(subject.deployment, tier)

    @property
    def secrets(self) -> frozenset[str]:
        return self._declared.secrets

    @property
    def declaration(self) -> str:
        return str(self._path)

    def place(self, service: Service, key: str = "") -> Place:
        there = self._found.services.get(service.name)
        if there is None:
            return self._declared.place(service, key)
        made = MADE_OF.get(key, key)
        if made != key and made not in there.values:
            made = FIELDS[made]
        return there.place(self._path, service.name, named(made) if key == made else made, made)

    def tier_place(self, tier: str, key: str) -> Place:
        if key == "database_pool_size":
            for name, there in self._found.services.items():
                if self.program.pool_size in there.values:
                    return there.place(self._path, name, self.program.pool_size)
        return Place(str(self._path), 0, f"{tier}.{key}")

    def shared_place(self, variable: str) -> Place:
        shared = self._found.shared or Settings({})
        return shared.place(self._path, SHARED, named(variable), variable)

    def values(self, service: Service) -> dict[str, str]:
        """Without what Railway keeps to itself, and whatever leads to it."""
        return {name: value for name, value in super().values(service).items() if KEPT not in value}

    def source(self, scope: str, variable: str) -> str | None:
        found = super().source(scope, variable)
        return None if found is None or KEPT in found else found

    def refused(self, service: Service) -> Mapping[str, str]:
        """Nothing where a value is not known: what fits together cannot be told without it."""
        known = len(self.values(service)) == len(super().values(service))
        return super().refused(service) if known else {}

    @cached_property
    def _scopes(self) -> Mapping[str, Mapping[str, str]]:
        scopes = {scope: {**values} for scope, values in super()._scopes.items()}
        for name in self.deployment.set_by_hand:
            unknown = SAMPLE_SECRET if name in self.secrets else KEPT
            scopes[SHARED][name] = self.program.samples.get(name, unknown)
        for (scope, name), value in self._set.items():
            scopes[scope][name] = value
        return scopes

    def _deployed(self, declared: Deployment, tier: str) -> Deployment:
        left_out = {
            name
            for name, service in declared.services.items()
            if self._found.whole
            and name not in self._found.services
            and service.kind in self.program.optional
        }
        services = {
            name: self._service(service, declared, tier)
            for name, service in declared.services.items()
            if name not in left_out
        }
        for owner in services.values():
            for name in owner.secrets:
                if self._set.get((owner.name, name)) == reference(SHARED, name):
                    services = _referring(services, owner, name)
        return replace(
            declared,
            services=services,
            tiers={tier: self._tier(declared.tiers[tier], services)},
            shared={},
            set_by_hand=self._shared(declared, services),
        )

    def _service(self, service: Service, declared: Deployment, tier: str) -> Service:
        there = self._found.services.get(service.name)
        if there is None:
            return service
        written = declared.written(service, tier)
        variables: dict[str, str] = {}
        secrets: list[str] = []
        for key, value in there.values.items():
            name = key.removeprefix("env.")
            if (key == name and not key.isupper()) or name in {DOCKERFILE_PATH, *FIELDS}:
                continue
            is_own = name in service.secrets and value in {KEPT, reference(SHARED, name)}
            if (
                value == KEPT
                and name not in service.secrets
                and (name in written or name not in self.secrets)
            ):
                variables[name] = written.get(name, KEPT)
            elif is_own or (name in self.secrets and OPENING not in value):
                secrets.append(name)
                if value != KEPT:
                    self._set[service.name, name] = value
            else:
                variables[name] = value
        return replace(
            service,
            variables=variables,
            secrets=tuple(secrets),
            draining_seconds=_seconds(there, DRAINING_SECONDS, service.draining_seconds),
            overlap_seconds=_seconds(there, OVERLAP_SECONDS, service.overlap_seconds),
            replicas=_replicas(there),
        )

    def _shared(self, declared: Deployment, services: Mapping[str, Service]) -> tuple[str, ...]:
        """The names of the project's variables; of a file that says nothing of them, those that are referred to."""
        names = dict.fromkeys((*declared.set_by_hand, *declared.secrets))
        if self._found.shared is None:
            texts = [value for one in services.values() for value in one.variables.values()]
            there_may_be = (*names, *declared.shared, *self.program.variables)
            names |= {
                name: None
                for text in texts
                for scope, name in targets(text)
                if scope == SHARED
                and (name in there_may_be or not get_close_matches(name, there_may_be, n=1, cutoff=SLIP))
            }
            self._set |= {(SHARED, name): value for name, value in declared.shared.items()}
            return tuple({**names, **dict.fromkeys(declared.shared)})
        for key, value in self._found.shared.values.items():
            name = key.removeprefix("env.")
            names[name] = None
            known = declared.shared.get(name, KEPT) if value == KEPT else value
            if known != KEPT:
                self._set[SHARED, name] = known
        return tuple(names)

    def _tier(self, tier: Tier, services: Mapping[str, Service]) -> Tier:
        concurrency = dict(tier.concurrency)
        pools = []
        for service in services.values():
            processes = service.variables.get(service.role.concurrency, "")
            if processes.isdecimal() and service.name in self._found.services:
                concurrency[service.kind] = int(processes)
            pool = service.variables.get(self.program.pool_size, "")
            pools += [int(pool)] if pool.isdecimal() else []
        size = max(pools) if pools and tier.database_pool_size is not None else tier.database_pool_size
        return replace(tier, concurrency=concurrency, database_pool_size=size)


def _referring(services: Mapping[str, Service], owner: Service, name: str) -> dict[str, Service]:
    """Whoever refers to a shared variable means the secret of the service that has it from there."""
    return {
        other.name: other
        if other.name == owner.name
        else replace(
            other,
            variables={
                key: redirected(text, {(SHARED, name)}, owner.name) if key == name else text
                for key, text in other.variables.items()
            },
        )
        for other in services.values()
    }


def _seconds(there: Settings, variable: str, declared: int) -> int:
    value = there.values.get(variable, there.values.get(FIELDS[variable], ""))
    return int(value) if value.isdecimal() else declared


def _replicas(there: Settings) -> int:
    """How many of a service there are; one where nothing is said."""
    regions = there.values.get(REGIONS)
    if regions:
        counts = [(region or {}).get("numReplicas") or 0 for region in json.loads(regions).values()]
        return max(sum(counts), 1)
    count = there.values.get("numReplicas", "")
    return max(int(count), 1) if count.isdecimal() else 1
