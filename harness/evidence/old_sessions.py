"""Verdicts of test sessions whose runs are all removed, so that they cannot be judged again."""

from collections.abc import Collection
from pathlib import Path

from harness.evidence.session_verdict import SessionVerdict
from harness.evidence.signed import UnsignedError


def old_sessions(sessions: Path, runs: Collection[str]) -> list[Path]:
    """Their files: each session's verdict and its page.

    A verdict that cannot be read stays: its runs are unknown.

    Args:
        sessions: the folder of all.
        runs: ids of the runs that stay.
    """
    return [
        file
        for verdict in sorted(sessions.glob("*.json"))
        if _is_old(verdict, runs)
        for file in (verdict, verdict.with_suffix(".html"))
        if file.exists()
    ]


def _is_old(file: Path, runs: Collection[str]) -> bool:
    try:
        verdict = SessionVerdict.load(file.stem, file.parent)
    except UnsignedError:
        return False
    return not set(verdict.runs) & set(runs)
