"""The evidence is whole: everything that should be read was read, is there, and is unchanged. A missing part makes it unknown."""

from collections.abc import Sequence

from harness.evidence.checks.check import EVERYTHING, Check
from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence
from harness.evidence.manifest import STARTUP, TABLE, State
from harness.evidence.whole import NO_MANIFEST, lacking


def whole(tables: Sequence[str] = ()) -> Check:
    """The check for an application's evidence.

    Args:
        tables: that must be there.
    """

    def judge(evidence: Evidence) -> Finding:
        """Compare the manifest with the parts that are there."""
        if evidence.manifest is None:
            return Finding.unknown(NO_MANIFEST)
        missing = lacking(evidence, EVERYTHING)
        missing += [
            f"{TABLE}/{table} is missing" for table in tables if f"{TABLE}/{table}" not in evidence.manifest
        ]
        missing += [
            f"{name} is empty: a role says something when it starts"
            for name, part in evidence.manifest.items()
            if name.startswith(f"{STARTUP}/") and part.state is State.READ and not part.count
        ]
        if missing:
            return Finding.unknown(*missing)
        return Finding.judge([], seen=len(evidence.manifest), what="parts")

    return Check(judge, (), "whole")
