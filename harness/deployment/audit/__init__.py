"""The deployment guide as rules over files: what can be known to be wrong before anything is deployed."""

from pathlib import Path

from harness.base.run import ROOT
from harness.deployment.audit.rule import Finding, Flaw, Place, Severity
from harness.deployment.audit.rules import DECLARATION, RULES
from harness.deployment.audit.subject import Subject
from harness.deployment.toml_table import DeploymentError

__all__ = ["RULES", "Finding", "Severity", "audit"]


def audit(root: Path = ROOT) -> list[Finding]:
    """Judge a repository by every rule.

    What is compared with the declaration is judged only once that is right itself: one mistake, one finding.

    Args:
        root: of the repository.
    """
    try:
        subject = Subject(root)
    except DeploymentError as error:
        return [Finding(DECLARATION, Flaw(Place("deploy"), str(error), "correct what it names"))]
    return judge(subject)


def judge(subject: Subject) -> list[Finding]:
    """What every rule has to say of it, errors first."""
    own = [Finding(rule, flaw) for rule in RULES if not rule.compares for flaw in rule.judge(subject)]
    wrong = any(finding.flaw.severity is Severity.ERROR for finding in own)
    compared = [
        Finding(rule, flaw) for rule in RULES if rule.compares and not wrong for flaw in rule.judge(subject)
    ]
    return sorted([*own, *compared], key=lambda finding: finding.flaw.severity is not Severity.ERROR)
