"""`python -m scenarios.roadmaps.tests.keep`: plays a few scenarios of each kind, and keeps their evidence for the tests of the judges."""

import subprocess
import sys
import tarfile
from pathlib import Path

from harness.base.run import ROOT, RUNS
from harness.evidence.evidence_folder import EVIDENCE, folder_name
from harness.evidence.signed import UnsignedError
from harness.evidence.verdict import Verdict

FOLDER = Path(__file__).parent / "evidence"
ENDING = ".tar.xz"
C, F = "scenarios/journeys/test_control.py", "scenarios/faults"
KEPT = {
    "created": "scenarios/journeys/test_create.py::test_a_retry_with_the_same_key_is_the_same_roadmap",
    "read": "scenarios/journeys/test_reading.py::test_the_content_of_a_concept_can_be_read",
    "nothing-asked": "scenarios/guide/test_health.py::test_health_says_which_commit_is_deployed",
    "nobody-asked": "scenarios/journeys/test_accounts.py::test_an_administrators_account_stays",
    "cancelled": f"{C}::test_a_roadmap_is_cancelled_before_anybody_works_on_it",
    "retried": f"{C}::test_a_retry_pays_only_for_what_is_missing",
    "deleted": f"{C}::test_a_deleted_roadmap_leaves_nothing",
    "frozen": f"{F}/test_workers.py::test_a_worker_that_is_frozen_for_longer_than_its_lease_writes_nothing_any_more",
    "redis-away": f"{F}/test_redis_away.py::test_roadmaps_are_accepted_while_redis_is_down",
}


def main() -> int:
    """Play the scenarios and keep their evidence; returns how many could not be kept."""
    played = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--substrate", "embedded", *KEPT.values()],
        cwd=ROOT,
        check=False,
    )
    FOLDER.mkdir(exist_ok=True)
    lost = 0
    for name, scenario in KEPT.items():
        if (found := _newest(scenario)) is None:
            print(f"{scenario} has left no green evidence", file=sys.stderr)  # noqa: T201
            lost += 1
            continue
        with tarfile.open(FOLDER / f"{name}{ENDING}", "w:xz") as archive:
            archive.add(found, arcname=name)
    return lost or played.returncode


def unpacked(folder: Path) -> dict[str, Path]:
    """Name -> folder of all kept evidence.

    Args:
        folder: to unpack it into.
    """
    found = {}
    for path in sorted(FOLDER.glob(f"*{ENDING}")):
        with tarfile.open(path) as archive:
            archive.extractall(folder, filter="data")
        name = path.name.removesuffix(ENDING)
        found[name] = folder / name
    return found


def _newest(scenario: str) -> Path | None:
    for run in sorted(RUNS.iterdir(), reverse=True):
        folder = run / EVIDENCE / folder_name(scenario)
        if not folder.is_dir():
            continue
        try:
            judged = Verdict.load(run).judged.get(scenario)
        except UnsignedError:
            continue
        if judged is not None and judged.green:
            return folder
    return None


if __name__ == "__main__":
    sys.exit(main())
