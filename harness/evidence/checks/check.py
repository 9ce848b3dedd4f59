"""A check with the parts that it needs: where one is lacking, the finding is "unknown" and the check is not run."""

from collections.abc import Callable
from pathlib import Path
from traceback import extract_tb

from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence
from harness.evidence.whole import Parts

EVERYTHING = ("*",)
Judge = Callable[[Evidence], Finding]


class Check:
    """One check.

    Args:
        judge: judges evidence.
        needs: patterns of the parts that it needs; see harness.evidence.whole.lacking. By default all parts.
        name: the judge's by default.
    """

    def __init__(self, judge: Judge, needs: tuple[str, ...] = EVERYTHING, name: str = "") -> None:
        self._judge = judge
        self.needs = needs
        self.__name__ = name or judge.__name__
        self.__module__, self.__doc__ = judge.__module__, judge.__doc__

    @classmethod
    def of(cls, judge: Judge) -> "Check":
        """Make a check of any judge.

        Args:
            judge: a check, or a plain function, which needs all parts.
        """
        return judge if isinstance(judge, Check) else cls(judge)

    def __call__(self, evidence: Evidence) -> Finding:
        """The finding; unknown, with the reason, where a part that it needs is lacking or is not as it should be.

        Args:
            evidence: of a scenario, live or saved.
        """
        return self.asked(evidence, Parts.of(evidence))

    def asked(self, evidence: Evidence, parts: Parts) -> Finding:
        """The same, with the parts already known.

        Args:
            evidence: of a scenario, live or saved.
            parts: of it.
        """
        missing = parts.lacking(self.needs)
        if missing:
            return Finding.unknown(*missing)
        try:
            return self._judge(evidence)
        except Exception as error:  # noqa: BLE001 - a record or a row without what each has may break it anywhere
            place = extract_tb(error.__traceback__)[-1]
            said = f"{type(error).__name__}: {error}, at {Path(place.filename).name}:{place.lineno}"
            return Finding.unknown(f"it could not judge what it read: {said}")


def needs(*parts: str) -> Callable[[Judge], Check]:
    """Make a check of a function.

    Args:
        parts: that it needs; see Check.
    """

    def made(judge: Judge) -> Check:
        return Check(judge, parts)

    return made
