"""`harness try` as an adopter types it: from the wheel, in his application's folder, with nothing of our shell."""

import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from harness.base.exits import Exit

TRY_SECONDS = 700


def typed(
    harness: Path, folder: Path, *arguments: str, **variables: str
) -> "subprocess.CompletedProcess[str]":
    """Type it.

    Args:
        harness: the command.
        folder: of the application.
        arguments: of `try`, beside `--json`.
        variables: of the shell, beside PATH and HOME.
    """
    plain = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [harness, "try", "--json", *arguments],
        cwd=folder,
        env={**plain, **variables},
        capture_output=True,
        text=True,
        timeout=TRY_SECONDS,
        check=False,
    )


def rows(ended: "subprocess.CompletedProcess[str]") -> dict[str, dict[str, Any]]:
    """The table's rows by their promises."""
    return {row["promise"]: row for row in json.loads(ended.stdout)["rows"]}


def assert_sound(ended: "subprocess.CompletedProcess[str]", red: Iterable[str]) -> None:
    """Every promise held, those among them that some defect turns red.

    Args:
        ended: what was typed.
        red: their names.
    """
    table = rows(ended)
    left = {name: row["evidence"] for name, row in table.items() if row["outcome"] != "held"}
    assert left == {}, ended.stderr
    assert ended.returncode == Exit.HOLDS
    assert {*red} <= table.keys()


def assert_red(
    ended: "subprocess.CompletedProcess[str]", red: Iterable[str], says: str = ""
) -> dict[str, dict[str, Any]]:
    """These promises were violated, and all others held.

    Args:
        ended: what was typed.
        red: their names.
        says: what the evidence of one of them has.

    Returns:
        Their rows.
    """
    seen = {name: row for name, row in rows(ended).items() if row["outcome"] != "held"}
    outcomes = {name: row["outcome"] for name, row in seen.items()}
    assert outcomes == dict.fromkeys(red, "violated"), ended.stdout
    assert ended.returncode == Exit.VIOLATED
    assert says in " ".join(row["evidence"] for row in seen.values())
    return seen
