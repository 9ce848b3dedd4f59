"""How long something usually takes, in seconds: remembered from what went well, so that one that takes much longer can be told from it."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from statistics import median

from harness.base.run import ROOT

FILE = ROOT / ".harness" / "usual.json"  # of times, which each scenario's evidence carries
PROMISES = FILE.with_name("usual-promises.json")
KEPT = 50  # times of one kind
LEAST = 5  # of them, before anything is called usual


def usual_seconds(path: Path = FILE) -> dict[str, float]:
    """A kind -> the median of its times, in seconds; nothing of which too little was seen.

    Kinds are what work calls its id, for its times, and promises, for how long they take.

    Args:
        path: of what is remembered.
    """
    return {name: round(median(times), 3) for name, times in _read(path).items() if len(times) >= LEAST}


def remember_seconds(times: Mapping[tuple[str, str], float], path: Path = FILE) -> None:
    """Remember more of them. Several processes may do so at once: the last one wins, and nothing that matters is lost.

    Args:
        times: by kind and by what tells two of a kind apart; see harness.evidence.trace.sentences.waits_of.
        path: of what is remembered.
    """
    if not times:
        return
    known = _read(path)
    for (name, _), seconds in times.items():
        known[name] = [*known.get(name, []), round(seconds, 3)][-KEPT:]
    with suppress(OSError):  # a full disk must not fail a scenario that passed
        path.parent.mkdir(parents=True, exist_ok=True)
        written = path.with_suffix(".new")
        written.write_text(json.dumps(known), encoding="utf-8")
        written.replace(path)


def _read(path: Path) -> dict[str, list[float]]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): [float(one) for one in times] for name, times in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
