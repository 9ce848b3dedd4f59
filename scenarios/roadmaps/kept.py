"""The product's part of evidence: its tables, the clients' promises, and the promises that their owners have withdrawn."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from app.core.settings import Settings
from harness import Evidence, Finding
from harness.base.logs import LogLine
from harness.evidence.evidence import Row
from harness.evidence.windows import Window, windows

WORK_ID = "roadmap_id"  # the journal's name for a roadmap's id
REQUESTS, ROADMAPS, STEPS = "roadmap_requests", "roadmaps", "generation_steps"
EVENTS, OUTBOX, USERS = "execution_logs", "outbox", "users"
TABLES = (REQUESTS, ROADMAPS, STEPS, EVENTS, OUTBOX, USERS)
MAX_STEP_ATTEMPTS = "max_step_attempts"  # calls allowed for one step of one concept
OK, ACCEPTED, NO_CONTENT = 200, 202, 204
PATH, ACCOUNT = "/api/v1/roadmaps", "/api/v1/auth/me"
RETRIED = "retried"  # the step of the event
ACCESS = re.compile(r"([A-Z]+) (.*) (\d{3}) [\d.]+ ms$", re.DOTALL)  # of app.api.middleware


def requests(evidence: Evidence) -> list[Row]:
    """The requests."""
    return evidence.rows(REQUESTS)


def roadmaps(evidence: Evidence) -> list[Row]:
    """The written roadmaps."""
    return evidence.rows(ROADMAPS)


def steps(evidence: Evidence) -> list[Row]:
    """The steps: the questions to the provider."""
    return evidence.rows(STEPS)


def users(evidence: Evidence) -> list[Row]:
    """The accounts."""
    return evidence.rows(USERS)


def retries(evidence: Evidence) -> Counter[str]:
    """How often each roadmap was tried again, by its log; if the log is gone, by its owner's calls."""
    told = Counter(event["request_id"] for event in events(evidence) if event["step"] == RETRIED)
    logged = {row["id"] for row in requests(evidence) if not row.get("log_removed_at")}
    for call in evidence.calls:
        roadmap, _, verb = call["path"].removeprefix(f"{PATH}/").partition("/")
        tried = call["method"] == "POST" and verb == "retry" and effect(call, ACCEPTED) is not False
        told[roadmap] += tried and roadmap not in logged
    return told


def events(evidence: Evidence) -> list[Row]:
    """The execution logs."""
    return evidence.rows(EVENTS)


def outbox(evidence: Evidence) -> list[Row]:
    """The events in the outbox."""
    return evidence.rows(OUTBOX)


def asked_for(call: Row) -> tuple[str, str, str]:
    """The key of a provider's call in generation_steps: request, step and concept, '' for none.

    In runs that were saved before the product had its own concept ids, the provider's id is the concept.
    """
    return call["request"], call["step"], call.get("concept_id", call["concept"]) or ""


def max_step_attempts(evidence: Evidence) -> int:
    """Calls allowed for one step of one concept."""
    return int(evidence.facts.get(MAX_STEP_ATTEMPTS, 3))


def accepted(evidence: Evidence) -> set[str]:
    """The roadmaps that a client was promised."""
    return evidence.accepted(WORK_ID)


def owners(evidence: Evidence) -> dict[str, Row]:
    """Roadmap -> its first 202; the owner is unknown for a foreign client."""
    found: dict[str, Row] = {}
    for call in [*evidence.calls, *({"by": "", **record} for record in evidence.records("promised"))]:
        if call.get(WORK_ID):
            found.setdefault(call[WORK_ID], call)
    return found


def logged(evidence: Evidence) -> set[str]:
    """What an API says that it has accepted, whoever asked; nothing where one has deleted something, for that may have been it."""
    found: set[str] = set()
    for line in (LogLine.parse(text) for lines in evidence.logs.values() for text in lines):
        if answered := ACCESS.match(line.message):
            if (answered[1], answered[3]) == ("DELETE", str(NO_CONTENT)):
                return set()
            if (answered[1], answered[2].strip("'"), answered[3]) == ("POST", PATH, str(ACCEPTED)):
                found |= {line.fields.get(WORK_ID, "")} - {""}
    return found - {record[WORK_ID] for record in evidence.records("forgotten")}


def began(call: Row) -> float:
    """When a call was sent, in seconds on the journal's clock."""
    return float(call["at"]) - float(call.get("milliseconds", 0.0)) / 1000


def effect(call: Row, status: int) -> bool | None:
    """Whether a call took effect; None if its client got no answer.

    Args:
        call: of a client.
        status: that means that it did.
    """
    if call["outcome"] == "unknown":
        return None
    return bool(call.get("status") == status)


def withdrawn(evidence: Evidence, *, surely: bool = False) -> set[str]:
    """The roadmaps that their owner has deleted after the promise, or may have deleted, because there was no answer.

    Args:
        evidence: of a scenario, live or saved.
        surely: only deletions with an answer.
    """
    deletions = [
        call
        for call in evidence.calls
        if call["method"] == "DELETE" and effect(call, NO_CONTENT) is not False
    ]
    if surely:
        deletions = [call for call in deletions if effect(call, NO_CONTENT)]
    # declared by the scenario itself
    forgotten = {record[WORK_ID] for record in evidence.records("forgotten")}
    if not deletions:
        return forgotten
    return forgotten | {
        roadmap_id
        for roadmap_id, promise in owners(evidence).items()
        if any(
            call["by"] == promise["by"]
            and call["path"] in {ACCOUNT, f"{PATH}/{roadmap_id}"}
            and began(call) >= promise["at"]
            for call in deletions
        )
    }


def hurt(evidence: Evidence, *targets: str) -> list[Window]:
    """The times of faults at one of these members or at its links.

    Args:
        evidence: of a scenario, live or saved.
        targets: names of members.
    """
    return [
        window
        for window in windows(evidence)
        if any(
            part == target or part.startswith(f"{target}-")
            for target in targets
            for part in window.target.split("/")
        )
    ]


def nothing_asked_for(evidence: Evidence) -> Finding | None:
    """The finding of a check that has nothing to judge, because no roadmap was asked for; None if one was, or may have been.

    Args:
        evidence: of a scenario, live or saved.
    """
    written = any(evidence.rows(table) for table in (REQUESTS, ROADMAPS, STEPS, EVENTS, OUTBOX))
    if written or evidence.manifest is None or evidence.provider_calls or logged(evidence):
        return None
    asked = [call for call in evidence.calls if call["method"] == "POST" and call["path"].startswith(PATH)]
    if any(effect(call, ACCEPTED) is not False for call in asked):
        return None
    return Finding.nothing(
        f"no roadmap was asked for: none of {len(evidence.calls)} calls, no row, no call of the provider"
    )


def facts(environments: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The deployment's settings that the checks need.

    Args:
        environments: of its nodes.
    """
    usual = Settings.model_fields["openai_max_attempts"].default
    set_to = [
        given["OPENAI_MAX_ATTEMPTS"] for given in environments.values() if "OPENAI_MAX_ATTEMPTS" in given
    ]
    return {MAX_STEP_ATTEMPTS: max(map(int, set_to), default=usual)}
