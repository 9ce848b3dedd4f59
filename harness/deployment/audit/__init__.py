"""The deployment guide as rules over files: they find mistakes before anything is deployed."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.deployment.audit.flaw import Flaw, Place, Severity
from harness.deployment.audit.rule import Breach, Rule
from harness.deployment.audit.rules import DECLARATION, READABLE, RULES
from harness.deployment.audit.subject import Subject, UnreadableError
from harness.deployment.declaration import SERVICES
from harness.deployment.program import FOLDER, Program
from harness.deployment.toml_table import DeploymentError, Table

__all__ = ["RULES", "Breach", "Severity", "audit", "judge", "unreadable"]


def audit(root: Path, program: Program, rules: Sequence[Rule]) -> list[Breach]:
    """Judge a repository by rules.

    Other files are compared with the declaration only if the declaration itself is right, so that one mistake gives one breach.

    Args:
        root: of the repository.
        program: that is deployed.
        rules: that must hold; `RULES`, and the application's own.
    """
    try:
        # Read before the roles: a program without this file declares no deployment.
        Table.of(root / program.folder / SERVICES)
        subject = Subject(root, program.of(root))
    except DeploymentError as error:
        return unreadable(error, root, program.folder)
    return judge(subject, rules)


def unreadable(error: DeploymentError, root: Path, folder: str = FOLDER) -> list[Breach]:
    """The breach of a declaration that cannot be read at all, so that no other rule can be judged.

    Args:
        error: that says why.
        root: of the repository.
        folder: of the declaration.
    """
    return [Breach(DECLARATION, Flaw(_place(error, root, folder), str(error), "correct what it names"))]


def _place(error: DeploymentError, root: Path, folder: str) -> Place:
    """The place of the error; a file outside the repository is named as it was given."""
    if error.file is None:
        return Place(folder)
    for file, of in ((error.file, root), (error.file.resolve(), root.resolve())):
        if file.is_relative_to(of):
            return Place(file.relative_to(of).as_posix(), error.line)
    return Place(error.file.as_posix(), error.line)


def judge(subject: Subject, rules: Sequence[Rule]) -> list[Breach]:
    """All breaches of the rules, errors first."""
    own = [breach for rule in rules if not rule.compares for breach in _judged(rule, subject)]
    if not any(breach.flaw.severity is Severity.ERROR for breach in own):
        own += [breach for rule in rules if rule.compares for breach in _judged(rule, subject)]
    return in_order(own)


def in_order(breaches: Sequence[Breach]) -> list[Breach]:
    """Each once, errors first, without what gives way to another rule's error.

    Args:
        breaches: by whichever rules.
    """
    once = dict.fromkeys(
        breaches
    )  # a file that nobody can read is one mistake, however many rules look into it
    wrong = {(one.flaw.place.name, one.rule.name) for one in once if one.flaw.severity is Severity.ERROR}
    left = [
        one
        for one in once
        if not (
            one.rule.gives_way
            and any(name == one.flaw.place.name and rule != one.rule.name for name, rule in wrong)
        )
    ]
    return sorted(left, key=lambda breach: list(Severity).index(breach.flaw.severity))


def _judged(rule: Rule, subject: Subject) -> Iterator[Breach]:
    """The breaches of one rule; a rule that cannot be judged is a breach, too."""
    try:
        for flaw in rule.judge(subject):
            yield Breach(rule, flaw)
    except UnreadableError as error:
        yield Breach(READABLE, Flaw(error.place, error.problem, "put a text file there, in UTF-8"))
    except Exception as error:  # noqa: BLE001 - what breaks a rule has not been judged, and that is no pass
        said = f"could not be judged: {type(error).__name__}: {error}"
        yield Breach(rule, Flaw(Place(subject.declaration), said, "correct what it is about, or the rule"))
