"""The deployment guide as rules over files: what can be known to be wrong before anything is deployed."""

from collections.abc import Sequence
from pathlib import Path

from harness.deployment.audit.flaw import Flaw, Place, Severity
from harness.deployment.audit.rule import Breach, Rule
from harness.deployment.audit.rules import DECLARATION, RULES
from harness.deployment.audit.subject import Subject
from harness.deployment.program import FOLDER, Program
from harness.deployment.toml_table import DeploymentError

__all__ = ["RULES", "Breach", "Severity", "audit", "judge", "unreadable"]


def audit(root: Path, program: Program, rules: Sequence[Rule]) -> list[Breach]:
    """Judge a repository by rules.

    What is compared with the declaration is judged only once that is right itself: one mistake, one breach.

    Args:
        root: of the repository.
        program: that is deployed.
        rules: that must hold; `RULES`, and the application's own.
    """
    try:
        subject = Subject(root, program)
    except DeploymentError as error:
        return unreadable(error, program.folder)
    return judge(subject, rules)


def unreadable(error: DeploymentError, folder: str = FOLDER) -> list[Breach]:
    """What is said where the declaration cannot be read at all, so that no other rule has anything to look at.

    Args:
        error: that says why.
        folder: of the declaration.
    """
    return [Breach(DECLARATION, Flaw(Place(folder), str(error), "correct what it names"))]


def judge(subject: Subject, rules: Sequence[Rule]) -> list[Breach]:
    """What every rule has to say of it, errors first."""
    own = [Breach(rule, flaw) for rule in rules if not rule.compares for flaw in rule.judge(subject)]
    wrong = any(breach.flaw.severity is Severity.ERROR for breach in own)
    compared = [
        Breach(rule, flaw) for rule in rules if rule.compares and not wrong for flaw in rule.judge(subject)
    ]
    return sorted([*own, *compared], key=lambda breach: breach.flaw.severity is not Severity.ERROR)
