"""The page of a session: failures first, with a link to the page that explains each scenario."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from harness.evidence.session_verdict import FAILED, PASSED, SKIPPED, SessionVerdict

NOT_PLAYED = "not played"
ORDER = (FAILED, NOT_PLAYED, SKIPPED, PASSED)
STYLE = """
:root { color-scheme: light dark; } body { font: 15px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; margin: 0 auto; max-width: 1200px; padding: 20px 24px; }
h1 { font-size: 1.4rem; margin: 0; } table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: 5px 10px; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
.failed { color: light-dark(#b42318, #ff8579); } .skipped, .not-played { color: light-dark(#8a5a00, #f2c14e); } .passed { color: light-dark(#14713d, #5fd38d); } small { opacity: .75; }
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """Facts that the page shows of one scenario, in addition to its outcome.

    Args:
        promise: that it states.
        seconds: that its body took.
        page: that explains it; empty where there is none.
        why: it failed or was skipped, in a line.
    """

    promise: str = ""
    seconds: float = 0.0
    page: str = ""
    why: str = ""


def session_page(verdict: SessionVerdict, shown: Mapping[str, Shown], runs: Path, folder: Path) -> str:
    """The page.

    Args:
        verdict: of the session.
        shown: a scenario's node id -> facts about it.
        runs: the folder of all runs.
        folder: folder of the page: links are relative, so that both can be copied together.
    """
    outcomes = {
        name: verdict.played[name].outcome if name in verdict.played else NOT_PLAYED
        for name in verdict.declared
    }
    counted = {kind: sum(outcome == kind for outcome in outcomes.values()) for kind in ORDER}
    head = ", ".join(f"{count} {kind}" for kind, count in counted.items() if count) or "nothing was declared"
    ordered: Sequence[str] = sorted(outcomes, key=lambda name: ORDER.index(outcomes[name]))
    rows = "".join(
        _row(name, outcomes[name], shown.get(name, Shown()), _run(verdict, name, runs), folder)
        for name in ordered
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(head)}</title><style>{STYLE}</style>'
        f"<h1>{escape(head)}</h1><p><small>{escape(verdict.session)}, commit {escape(verdict.commit or 'unknown')};"
        f" again: harness recheck {escape(verdict.session)}</small></p>"
        f"<table><thead><tr><th>outcome</th><th>promise</th><th>s</th><th>see</th></tr></thead><tbody>{rows}</tbody></table></html>"
    )


def _run(verdict: SessionVerdict, name: str, runs: Path) -> Path | None:
    one = verdict.played.get(name)
    return runs / one.run if one and one.run else None


def _row(name: str, outcome: str, shown: Shown, run: Path | None, folder: Path) -> str:
    ways = [("trace", shown.page)] if shown.page.endswith(".html") else []
    ways += [("run", str(run))] if run else []
    links = " ".join(f'<a href="{escape(os.path.relpath(path, folder))}">{word}</a>' for word, path in ways)
    why = f"<br><small>{escape(shown.why)}</small>" if shown.why else ""
    return (
        f'<tr><td class="{outcome.replace(" ", "-")}">{outcome}</td>'
        f"<td>{escape(shown.promise or name)}<br><small>{escape(name)}</small>{why}</td>"
        f"<td>{shown.seconds:.1f}</td><td>{links}</td></tr>"
    )
