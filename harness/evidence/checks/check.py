"""A check with what it needs: where that is lacking it says so, and is not asked."""

from collections.abc import Callable

from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence
from harness.evidence.whole import Parts

EVERYTHING = ("*",)
Judge = Callable[[Evidence], Finding]


class Check:
    """One check.

    Args:
        judge: says what it thinks of evidence.
        needs: patterns of the parts that it looks at; see harness.evidence.whole.lacking. Everything where it does not say so.
        name: the judge's by default.
    """

    def __init__(self, judge: Judge, needs: tuple[str, ...] = EVERYTHING, name: str = "") -> None:
        self._judge = judge
        self.needs = needs
        self.__name__ = name or judge.__name__
        self.__module__, self.__doc__ = judge.__module__, judge.__doc__

    @classmethod
    def of(cls, judge: Judge) -> "Check":
        """Any judge as a check.

        Args:
            judge: a check, or a plain function, which is taken to need everything.
        """
        return judge if isinstance(judge, Check) else cls(judge)

    def __call__(self, evidence: Evidence) -> Finding:
        """What it says; unknown, and of what, where something that it needs is lacking.

        Args:
            evidence: of a scenario, live or saved.
        """
        return self.asked(evidence, Parts.of(evidence))

    def asked(self, evidence: Evidence, parts: Parts) -> Finding:
        """The same, where the parts have been looked at already.

        Args:
            evidence: of a scenario, live or saved.
            parts: of it.
        """
        missing = parts.lacking(self.needs)
        return Finding.unknown(*missing) if missing else self._judge(evidence)


def needs(*parts: str) -> Callable[[Judge], Check]:
    """Makes a check of a function.

    Args:
        parts: that it needs; see Check.
    """

    def made(judge: Judge) -> Check:
        return Check(judge, parts)

    return made
