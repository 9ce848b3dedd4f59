"""Whether a version that we pin is known to be vulnerable: `make audit-dependencies`.

pip-audit says "No known vulnerabilities found" and exits 0 also where it has left out every package, because the index did not
answer for it. Here a package that was not judged is a failure.
"""

import json
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

PINS = Path(__file__).parents[1] / "constraints.txt"
SECONDS = 600.0
SHOWN = 10


def pinned(text: str) -> list[str]:
    """The names of a file of `name==version` lines."""
    return [line.partition("==")[0].strip().lower() for line in text.splitlines() if "==" in line]


def faults(report: Mapping[str, Any], wanted: Collection[str]) -> list[str]:
    """Reasons why it is not proved that none is vulnerable.

    Args:
        report: of pip-audit, as JSON.
        wanted: names of every package that must have been judged.
    """
    judged = {found["name"].lower(): found for found in report["dependencies"]}
    skipped = sorted(
        name for name in wanted if "skip_reason" in judged.get(name, {"skip_reason": "not in the report"})
    )
    found = [
        f"{name} {entry['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for name, entry in judged.items()
        for hole in entry.get("vulns", ())
    ]
    if skipped:
        names = ", ".join(skipped[:SHOWN]) + (" ..." if len(skipped) > SHOWN else "")
        found.append(
            f"{len(skipped)} of {len(wanted)} packages were not judged: {names}. The index did not answer for them; run this "
            "where PyPI's JSON interface can be reached"
        )
    return found


def audit(pins: Path) -> list[str]:
    """Run pip-audit on every pinned version, exactly as it is written.

    Args:
        pins: the file.

    Returns:
        The faults; none where every package was judged and none is vulnerable.
    """
    words = ["-m", "pip_audit", "--requirement", str(pins), "--no-deps", "--disable-pip", "--format", "json"]
    words += ["--vulnerability-service", "pypi", "--progress-spinner", "off"]
    done = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    try:
        report = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return [f"pip-audit gave no report (exit code {done.returncode}): {last}"]
    return faults(report, pinned(pins.read_text()))


def main() -> int:
    """Show the faults; 0 where there are none."""
    found = audit(PINS)
    for fault in found:
        print(fault)  # noqa: T201
    if not found:
        print(f"{len(pinned(PINS.read_text()))} packages were judged, none is known to be vulnerable")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
