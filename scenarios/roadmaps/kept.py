"""The product's part of evidence: its tables by what they hold, and what clients were promised and have withdrawn."""

from harness import Evidence
from harness.evidence.evidence import Row

WORK_ID = "roadmap_id"  # what the journal calls the id of a roadmap
REQUESTS, ROADMAPS, STEPS = "roadmap_requests", "roadmaps", "generation_steps"
EVENTS, OUTBOX = "execution_logs", "outbox"
TABLES = (REQUESTS, ROADMAPS, STEPS, EVENTS, OUTBOX)
MAX_STEP_ATTEMPTS = "max_step_attempts"  # calls allowed for one step of one concept
NO_CONTENT = 204


def requests(evidence: Evidence) -> list[Row]:
    """What was asked for."""
    return evidence.rows(REQUESTS)


def roadmaps(evidence: Evidence) -> list[Row]:
    """What was written."""
    return evidence.rows(ROADMAPS)


def steps(evidence: Evidence) -> list[Row]:
    """What was asked of the provider."""
    return evidence.rows(STEPS)


def events(evidence: Evidence) -> list[Row]:
    """The execution logs."""
    return evidence.rows(EVENTS)


def outbox(evidence: Evidence) -> list[Row]:
    """Events on their way."""
    return evidence.rows(OUTBOX)


def asked_for(call: Row) -> tuple[str, str, str]:
    """Which row of generation_steps a provider's call belongs to: request, step and concept, '' for none.

    Runs that were saved before concepts had ids of the product's own have the id as the concept.
    """
    return call["request"], call["step"], call.get("concept_id", call["concept"]) or ""


def max_step_attempts(evidence: Evidence) -> int:
    """Calls allowed for one step of one concept."""
    return int(evidence.facts.get(MAX_STEP_ATTEMPTS, 3))


def accepted(evidence: Evidence) -> set[str]:
    """The roadmaps that a client was promised."""
    return evidence.accepted(WORK_ID)


def withdrawn(evidence: Evidence) -> set[str]:
    """Those of them that their owner has deleted, or may have: he was not told."""
    deletions = [
        call
        for call in evidence.calls
        if call["method"] == "DELETE" and (call["outcome"] == "unknown" or call["status"] == NO_CONTENT)
    ]
    gone = {call["by"] for call in deletions if call["path"].endswith("/auth/me")}
    one_by_one = {call["path"].rpartition("/")[2] for call in deletions}
    return {
        call[WORK_ID]
        for call in evidence.calls
        if call.get(WORK_ID) and (call["by"] in gone or call[WORK_ID] in one_by_one)
    }
