"""What an owner was told that was done is done: what he deleted is gone, what he cancelled has ended so, what he tried again was tried."""

from collections import Counter
from datetime import datetime

from harness import Evidence, Finding, needs
from harness.evidence.evidence import Row
from scenarios.roadmaps import kept

CANCELLED = "cancelled"


@needs(
    "journal/call",
    *(f"database/{table}" for table in kept.TABLES),
)
def owner_obeyed(evidence: Evidence) -> Finding:
    """Compare every answer to an owner's action with the rows."""
    gone = kept.withdrawn(evidence, surely=True)
    owned = {
        "request": [row["id"] for row in kept.requests(evidence)],
        "roadmap": [row["id"] for row in kept.roadmaps(evidence)],
        "step": [row["request_id"] for row in kept.steps(evidence)],
        "event": [row["request_id"] for row in kept.events(evidence)],
        "event on its way": [row["request_id"] for row in kept.outbox(evidence)],
    }
    faults = [
        f"{roadmap_id} was deleted by its owner, and {len(left)} {what}s of it are there"
        for what, ids in owned.items()
        for roadmap_id in sorted(gone)
        if (left := [one for one in ids if one == roadmap_id])
    ]
    accounts = [
        c for c in evidence.calls if c["method"] == "DELETE" and c["path"] == kept.ACCOUNT and c["by"]
    ]
    made = {row["email"]: row.get("created_at") for row in kept.users(evidence)}
    faults += [
        f"{call['by']} has deleted the account, and it is there"
        for call in accounts
        if kept.effect(call, kept.NO_CONTENT) and call["by"] in made and not _later(made[call["by"]], call)
    ]
    faults += _ended(evidence)
    wishes = [call for call in evidence.calls if _wish(call)] + accounts
    if not wishes and not faults and evidence.manifest is not None:
        return Finding.nothing(
            f"no owner deleted, cancelled or tried again anything in {len(evidence.calls)} calls"
        )
    return Finding.judge(faults, seen=len(wishes), what="wishes of owners")


def _later(made: str | None, call: Row) -> bool:
    """Whether an account was made after a call, under the name of a deleted account."""
    return bool(
        made and "wall" in call and datetime.fromisoformat(made) > datetime.fromisoformat(call["wall"])
    )


def _wish(call: Row) -> str:
    """`retry`, `cancel` or `delete` if a call is an action on one roadmap; else ''."""
    below = call["path"].removeprefix(f"{kept.PATH}/")
    if below == call["path"]:
        return ""
    if call["method"] == "DELETE":
        return "delete"
    verb = below.partition("/")[2]
    return verb if call["method"] == "POST" and verb in {"retry", "cancel"} else ""


def _ended(evidence: Evidence) -> list[str]:
    """Compare the answers to `retry` and `cancel` with their events."""
    told: dict[str, Counter[str]] = {"retry": Counter(), "cancel": Counter()}
    unheard: dict[str, Counter[str]] = {"retry": Counter(), "cancel": Counter()}
    for call in evidence.calls:
        if (wish := _wish(call)) in told:
            roadmap_id = call["path"].removeprefix(f"{kept.PATH}/").partition("/")[0]
            took = kept.effect(call, kept.ACCEPTED if wish == "retry" else kept.OK)
            told[wish][roadmap_id] += took is True
            unheard[wish][roadmap_id] += took is None
    events = Counter((event["request_id"], event["step"]) for event in kept.events(evidence))
    faults = []
    for row in kept.requests(evidence):
        if row.get("log_removed_at"):
            continue
        for wish, step in (("retry", kept.RETRIED), ("cancel", CANCELLED)):
            least, there = told[wish][row["id"]], events[row["id"], step]
            if not least <= there <= least + unheard[wish][row["id"]]:
                faults.append(
                    f"{row['id']}: {least} calls of {wish} were answered so, there are {there} events of it"
                )
        again = told["retry"][row["id"]] + unheard["retry"][row["id"]]
        if told["cancel"][row["id"]] and not again and row["status"] != CANCELLED:
            faults.append(f"{row['id']} was cancelled by its owner, and is {row['status']}")
    return faults
