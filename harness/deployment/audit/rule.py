"""One thing that must hold of a deployment, and the breach of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from harness.deployment.audit.flaw import Flaw
from harness.deployment.audit.subject import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that must hold of a deployment.

    Args:
        name: as reports and documents cite it.
        states: what holds where the rule finds nothing.
        why: it matters.
        judge: finds what breaks it.
        gives_way: whether it is silent where another rule has found an error in the same thing, of which that one says more.
        of_files: whether it looks at the repository alone, which says nothing of what is set on Railway.
        compares: whether it holds something else up to the declaration, and so has nothing to say while that is wrong.
    """

    name: str
    states: str
    why: str
    judge: Callable[[Subject], Iterable[Flaw]]
    gives_way: bool = False
    of_files: bool = False
    compares: bool = False


@dataclass(frozen=True, slots=True)
class Breach:
    """A flaw and the rule that it breaks."""

    rule: Rule
    flaw: Flaw
