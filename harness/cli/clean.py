"""`harness clean`: removes the files of earlier runs."""

from typing import Annotated

import typer

KEPT = 20  # runs
KEPT_FAILURES = 100
MEGABYTE = 1_000_000


def clean(
    keep: Annotated[int, typer.Option(min=0, help="Newest runs that stay.")] = KEPT,
    failures: Annotated[
        int, typer.Option(min=0, help="Newest runs with a failed scenario that stay.")
    ] = KEPT_FAILURES,
    dry: Annotated[
        bool, typer.Option("--dry-run", help="Remove nothing, and say what would be removed.")
    ] = False,
) -> None:
    """Remove the folders of old runs, and the pages of test sessions without any run left. Running stacks stay, and failures are kept longer.

    For example: harness clean --keep 5 --dry-run
    """
    from harness.base.run import RUNS, alive
    from harness.evidence.old_runs import OldRuns
    from harness.evidence.old_sessions import old_sessions
    from harness.evidence.session_verdict import SESSIONS

    if not RUNS.is_dir():
        typer.echo(f"there are no runs in {RUNS}")
        return
    old = OldRuns.among(RUNS, keep=keep, failures=failures, living=[*alive()])
    size, sessions = old.bytes, old_sessions(SESSIONS, old.kept)
    if not dry:
        old.remove()
        for file in sessions:
            file.unlink(missing_ok=True)
    verb = "would be removed" if dry else "removed"
    typer.echo(
        f"{len(old.folders)} runs {verb} ({size / MEGABYTE:.1f} MB); {len(old.kept)} kept, {old.failed} of them with a failure"
    )
