"""Every call that was answered is in the log of an API that answered it, under the id that the client was told."""

from collections import Counter, defaultdict
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from harness import Evidence, Finding, needs
from harness.base.logs import LogLine
from harness.evidence.evidence import Row
from scenarios.roadmaps import kept
from scenarios.roadmaps.services import API

QUIET = "/health"  # its calls are not logged


@needs("journal/call", "journal/fault", "journal/verb", "logs/*")
def calls_logged(evidence: Evidence) -> Finding:
    """Compare the answers that clients got with the answers that the API has logged."""
    logged: defaultdict[str, list[str]] = defaultdict(list)
    for line in map(LogLine.parse, (text for lines in evidence.logs.values() for text in lines)):
        if kept.ACCESS.match(line.message) and line.fields.get("request_id"):
            logged[line.fields["request_id"]].append(line.message)
    answered = [
        call
        for call in evidence.calls
        if call["outcome"] == "answered" and call.get("request_id") and not call["path"].startswith(QUIET)
    ]
    hurt = kept.hurt(evidence, API)
    faults = [
        f"{call['method']} {call['path']} was answered {call['status']}, and no API has logged it so ({call['request_id']})"
        for call in answered
        if not any(map(_like(call), logged[call["request_id"]]))
        and not any(w.touches(kept.began(call), call["at"]) for w in hurt)
    ]
    told = Counter(call["request_id"] for call in answered)
    faults += [
        f"{lines[0]} was logged {len(lines)} times under one id ({request_id})"
        for request_id, lines in logged.items()
        if request_id in told and len(lines) > told[request_id]
    ]
    if not answered and evidence.manifest is not None:
        return Finding.nothing(f"none of {len(evidence.calls)} calls was answered under an id")
    return Finding.judge(faults, seen=len(answered), what="answered calls")


def _like(call: Row) -> Callable[[str], bool]:
    """A condition whether a line is about this call. Unusual addresses are not compared."""
    path = unquote(urlsplit(call["path"]).path)

    def like(message: str) -> bool:
        found = kept.ACCESS.match(message)
        same = found is not None and (found[1], found[3]) == (call["method"], str(call["status"]))
        return same and (
            not path.isprintable() or found is None or path in {found[2], found[2][1:-1]} or "\\" in found[2]
        )

    return like
