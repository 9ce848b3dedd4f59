"""The evidence is whole: everything that should be read was read, is there, and is unchanged. A missing part makes it unknown."""

from collections.abc import Sequence

from harness.evidence.checks.check import EVERYTHING, Check
from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence
from harness.evidence.manifest import LOG, RECORDED, RECORDS, STARTUP, TABLE, Manifest, State
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
        missing += _undeclared(evidence, evidence.manifest)
        if missing:
            return Finding.unknown(*missing)
        return Finding.judge([], seen=len(evidence.manifest), what="parts")

    return Check(judge, (), "whole")


def _undeclared(evidence: Evidence, manifest: Manifest) -> list[str]:
    """What other parts tell of, and the manifest does not: it was not read, or somebody took it away from both."""
    members = {life["node"] for life in evidence.records("life")}
    roles = {name for sample in evidence.records("sample") for name in sample.get("descriptors", ())}
    recorded = {f"{RECORDS}/{kind}" for kind in RECORDED}
    wanted = {f"{LOG}/{name}" for name in members} | {f"{STARTUP}/{name}" for name in roles & members}
    if recorded & set(manifest):  # else whoever has written it knew of none of them
        wanted |= recorded
    missing = [f"{name} is not in the manifest" for name in sorted(wanted - set(manifest))]
    logs = {name for name, part in manifest.items() if name.startswith(f"{LOG}/") and part.count}
    strangers = sorted(logs - wanted) if members else []
    return missing + [f"{name} is of no member that lived" for name in strangers]
