"""One HTML file that needs no network and no other file: what failed, why, and everything that happened, on one clock."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from harness.evidence.checks.finding import Finding, Outcome
from harness.evidence.evidence import Evidence
from harness.evidence.trace.moment import BAD, CLIENT, FAULTS, POSTGRES, Moment
from harness.evidence.trace.moments import moments
from harness.evidence.trace.sentences import sentences

OWN = Path(__file__).parent
MOST_BYTES = 2_000_000
LONGEST_TEXT = 400  # characters of one moment in the timeline
PLACE = re.compile(r"^\S+\.py:\d+: in ")  # the line with which pytest shows the place of a frame
CAUSED = re.compile(r"^(?:The above exception was|During handling of the above).*$", re.MULTILINE)
NOT_JUDGED = "not judged"
ORDER = (Outcome.VIOLATED, Outcome.UNKNOWN, Outcome.HOLDS, Outcome.NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Facts for the page that are not in the evidence.

    Args:
        scenario: its node id, or the name of its folder.
        promise: what it states, in one sentence.
        failure: why it failed, as pytest shows it; empty where it did not.
        again: the command that plays it again.
        about: name -> value: run, commit, tier, substrate and the like.
        bodies: requests and answers of the providers, where they were kept.
    """

    scenario: str
    promise: str = ""
    failure: str = ""
    again: str = ""
    about: Mapping[str, str] = field(default_factory=dict)
    bodies: Sequence[Mapping[str, Any]] = ()


def trace_page(
    evidence: Evidence, findings: Mapping[str, Finding], told: Told, work_ids: Collection[str] = ()
) -> str:
    """The page.

    Args:
        evidence: of the scenario, as it was kept: without a secret.
        findings: the finding of each check.
        told: facts that are not in the evidence.
        work_ids: what the application calls the ids of its work.
    """
    found = moments(evidence, work_ids)
    head = _head(evidence, findings, told, found, sentences(evidence, found, work_ids))
    libraries = {
        name: (OWN / name).read_text(encoding="utf-8")
        for name in ("vis-timeline.min.js", "panels.js", "trace.js")
    }
    styles = (OWN / "trace.css").read_text(encoding="utf-8")  # the library's script sets its own styles
    frame = len(head) + len(styles) + sum(map(len, libraries.values()))
    data, left_out = _data(evidence, found, told, MOST_BYTES - frame)
    thinned = (
        f'<p class="warning">{left_out} of {len(found)} moments in the middle are left out, that the page stays small.</p>'
        if left_out
        else ""
    )
    scripts = "".join(f"<script>{_closed(source)}</script>" for source in libraries.values())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(told.scenario)}</title><style>{styles}</style></head><body>{head}{thinned}{BODY}"
        f'<script type="application/json" id="data">{data}</script>{scripts}</body></html>'
    )


BODY = """
<section aria-label="timeline"><div class="bar">
<label>Find <input id="find" type="search" placeholder="text or id"></label>
<label><input id="bad" type="checkbox"> only warnings and errors</label>
<button id="fit" type="button">all of it</button>
<span class="soft">click a moment: what belongs to it lights up; &larr; &rarr; step, + &minus; zoom</span></div>
<div id="timeline"></div></section>
<div class="panels"><section><h2>What was chosen</h2><pre id="chosen" tabindex="0">nothing yet</pre></section>
<section><h2>What was written then <label class="soft">of <select id="lane"><option value="">everybody</option></select></label></h2>
<ol id="near"></ol></section>
<section><h2>Its rows at that time</h2><div id="then"><p class="soft">choose a moment of a piece of work</p></div></section>
<section><h2>Queues and connections</h2><div id="charts"></div></section></div>
<details><summary>The timeline as a table</summary><table id="table"><thead><tr><th>s</th><th>who</th><th>what</th></tr></thead>
<tbody></tbody></table></details>
<details class="bulk"><summary>Rows of the database at the end</summary><div id="rows"></div></details>
"""


def _head(
    evidence: Evidence,
    findings: Mapping[str, Finding],
    told: Told,
    found: Sequence[Moment],
    derived: Sequence[str],
) -> str:
    violated = any(finding.outcome is Outcome.VIOLATED for finding in findings.values())
    unknown = any(finding.outcome is Outcome.UNKNOWN for finding in findings.values())
    word = (
        "failed" if told.failure or violated else "unknown" if unknown else "held" if findings else NOT_JUDGED
    )
    parts = [
        f'<header class="{word.replace(" ", "-")}"><h1>{escape(told.promise or told.scenario)}</h1>',
        f'<p><b class="word">{word}</b> <code>{escape(told.scenario)}</code></p>',
        "".join(
            f'<span class="fact">{escape(name)}: {escape(value)}</span>' for name, value in told.about.items()
        ),
        "</header>",
    ]
    if told.failure:
        parts.append(
            f"<h2>What failed</h2><pre class='failure'>{escape(last_words(told.failure, told.scenario))}</pre>"
        )
        parts.append(f"<details><summary>all of it</summary><pre>{escape(told.failure)}</pre></details>")
    if derived:
        parts.append("<h2>What stands out</h2><ul>")
        parts += [f"<li>{escape(sentence)}</li>" for sentence in derived]
        parts.append("</ul>")
    parts.append(_checks(findings, bool(told.failure) and not violated))
    parts.append(_faults(found))
    if evidence.expected_errors:
        rows = "".join(
            f"<li><code>{escape(str(excuse))}</code>{f', at most {excuse.most}' if excuse.most is not None else ''}</li>"
            for excuse in evidence.expected_errors
        )
        parts.append(
            f"<details><summary>Errors that are part of the scenario</summary><ul>{rows}</ul></details>"
        )
    parts.append(_environment(evidence.facts.get("environment") or {}))
    parts.append(_code(evidence.facts.get("code") or {}))
    if told.again:
        parts.append(f"<h2>Again</h2><pre>{escape(told.again)}</pre>")
    return "".join(parts)


def _environment(changed: Mapping[str, Mapping[str, Sequence[str | None]]]) -> str:
    """Variables of nodes that differ from their tier's."""
    if not changed:
        return ""
    alike: dict[tuple[str, str | None, str | None], list[str]] = {}
    for node, variables in changed.items():
        for name, (usual, given) in variables.items():
            alike.setdefault((name, usual, given), []).append(node)
    rows = "".join(
        f"<tr><th>{escape(', '.join(nodes))}</th><td><code>{escape(name)}</code></td><td>{_value(usual)}</td><td>{_value(given)}</td></tr>"
        for (name, usual, given), nodes in alike.items()
    )
    head = "<tr><th>node</th><th>variable</th><th>by its tier</th><th>here</th></tr>"
    return f"<details><summary>Environment, where it differs from the tier's</summary><table>{head}{rows}</table></details>"


def _value(value: str | None) -> str:
    return "not set" if value is None else escape(value)


def _code(code: Mapping[str, str]) -> str:
    difference = code.get("difference", "")
    if not difference:
        return ""
    commit = escape(code.get("commit", ""))
    return f"<details><summary>The code that was tested: {commit}, and what differs from it</summary><pre>{escape(difference)}</pre></details>"


def _closed(text: str) -> str:
    """A text that is safe in a script element: nothing in it closes or opens one."""
    return re.sub(r"<(?=/?script|!--)", r"\\x3c", text, flags=re.IGNORECASE)


def last_words(failure: str, scenario: str) -> str:
    """The assertion with its values and its place: pytest's lines marked E, the last line, and the scenario's own line.

    Args:
        failure: as pytest shows it.
        scenario: its node id.
    """
    # The last of several errors, which the others caused.
    lines = CAUSED.split(failure.strip())[-1].strip().splitlines()
    marked = [line[1:].rstrip() for line in lines if line.startswith("E ")]
    file = scenario.partition("::")[0]
    own = [number for number, line in enumerate(lines) if PLACE.match(line) and line.startswith(f"{file}:")]
    place = [] if not own or own[-1] == len(lines) - 1 else lines[own[-1] : own[-1] + 2]
    return "\n".join([*(marked or lines[-5:]), *([lines[-1]] if marked else []), *place])


def _checks(findings: Mapping[str, Finding], assertion_alone: bool) -> str:
    if not findings:
        return ""
    ordered = sorted(findings.items(), key=lambda each: ORDER.index(each[1].outcome))
    shown = "".join(_check(name, finding) for name, finding in ordered if not finding.outcome.good)
    good = "".join(_check(name, finding) for name, finding in ordered if finding.outcome.good)
    count = sum(finding.outcome.good for finding in findings.values())
    table = f"<table>{shown}</table>" if shown else ""
    alone = "<p>No check is violated: the scenario's own assertion failed.</p>" if assertion_alone else ""
    return f"<h2>Checks</h2>{alone}{table}<details><summary>{count} that hold</summary><table>{good}</table></details>"


def _check(name: str, finding: Finding) -> str:
    word = finding.outcome.name.lower()
    facts = "<br>".join(escape(fact) for fact in finding.facts)
    return f'<tr class="{word}"><th>{escape(name)}</th><td class="word">{finding.outcome.value}</td><td>{facts}</td></tr>'


def _faults(found: Sequence[Moment]) -> str:
    hurt = [moment for moment in found if moment.lane == FAULTS and moment.level == BAD]
    if not hurt:
        return ""
    rows = "".join(f"<tr><td>{m.at:.1f} to {m.until:.1f} s</td><td>{escape(m.text)}</td></tr>" for m in hurt)
    return f"<h2>Faults</h2><table>{rows}</table>"


def _data(evidence: Evidence, found: Sequence[Moment], told: Told, room: int) -> tuple[str, int]:
    """The data of timeline and panels, and how many moments were left out to fit into so many bytes."""
    rows: Mapping[str, Any] = evidence.tables
    kept = list(found)
    began = _began(evidence, found)
    more = {
        name: [{**record, "at": round(float(record["at"]) - began, 3)} for record in evidence.records(name)]
        for name in ("depth", "connections")
    }
    while True:
        text = json.dumps(
            {"moments": [_plain(moment) for moment in kept], "rows": rows, "bodies": told.bodies, **more},
            ensure_ascii=False,
            default=str,
            separators=(",", ":"),
        )
        text = text.replace("<", "\\u003c")
        if len(text.encode("utf-8", errors="replace")) <= room:
            return text, len(found) - len(kept)
        if told.bodies:
            told = Told(scenario=told.scenario)
        elif rows:
            rows = {}
        elif not kept:
            return text, len(found)
        else:
            kept = _without_middle(kept)


def _began(evidence: Evidence, found: Sequence[Moment]) -> float:
    """Seconds to add to the moments' clock to get the journal's: each call has both."""
    for moment in found:
        if moment.lane in {CLIENT, FAULTS} and moment.times == 1 and "at" in moment.detail:
            own = moment.until if moment.lane == CLIENT else moment.at
            return float(moment.detail["at"]) - own
    return min((float(record["at"]) for record in evidence.journal), default=0.0)


def _without_middle(kept: list[Moment]) -> list[Moment]:
    """Three quarters of the moments: those in the middle are left out first, bad ones last."""
    number = max(len(kept) // 4, 1)
    middle = sorted(
        range(len(kept)), key=lambda place: (kept[place].level == BAD, abs(place - len(kept) / 2))
    )
    gone = set(middle[:number])
    return [moment for place, moment in enumerate(kept) if place not in gone]


def _plain(moment: Moment) -> dict[str, Any]:
    text = moment.text if len(moment.text) <= LONGEST_TEXT else f"{moment.text[:LONGEST_TEXT]}..."
    detail = moment.detail
    # Its text says it all, and there are many of them.
    if moment.lane == POSTGRES and len(moment.text) <= LONGEST_TEXT:
        detail = {name: value for name, value in detail.items() if name not in {"statement", "kind"}}
    return {
        "lane": moment.lane,
        "at": round(moment.at, 3),
        "until": round(moment.until, 3),
        "text": text if moment.times == 1 else f"{moment.times} times: {text}",
        "level": moment.level,
        "ids": moment.ids,
        "detail": detail,
    }
