"""The error of an environment with which no role can start."""

from collections.abc import Mapping


class SettingsError(Exception):
    """The environment does not let a role start.

    Args:
        problems: variable -> what is wrong with it and what to do; never a value.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(f"{variable} {problem}" for variable, problem in problems.items()))
