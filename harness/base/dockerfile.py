"""A Dockerfile as its instructions: as much of its syntax as the rules need."""

import json
import re
from dataclasses import dataclass

CONTINUED = re.compile(r"\\\s*$")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction.

    Args:
        line: on which it begins, counted from 1.
        name: in capitals.
        arguments: what follows it, its continued lines joined.
    """

    line: int
    name: str
    arguments: str

    @property
    def words(self) -> list[str] | None:
        """The words of its exec form; None for the shell form."""
        try:
            words = json.loads(self.arguments)
        except ValueError:
            return None
        return words if isinstance(words, list) and all(isinstance(word, str) for word in words) else None

    @property
    def names(self) -> list[str]:
        """Of the variables that ENV or ARG set."""
        if self.name == "ARG" or "=" not in self.arguments.partition(" ")[0]:
            return [re.split(r"[=\s]", self.arguments, maxsplit=1)[0]]
        return re.findall(r"(?:^|\s)(\w+)=", self.arguments)


def instructions(text: str) -> list[Instruction]:
    """Those of a Dockerfile, in its order, without comments."""
    found: list[Instruction] = []
    begun, joined = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        begun = begun or number
        joined += CONTINUED.sub(" ", line)
        if not CONTINUED.search(line):
            name, _, arguments = joined.strip().partition(" ")
            found.append(Instruction(begun, name.upper(), arguments.strip()))
            begun, joined = 0, ""
    return found


def last_stage(made: list[Instruction]) -> list[Instruction]:
    """The instructions of the stage that becomes the image."""
    starts = [index for index, instruction in enumerate(made) if instruction.name == "FROM"]
    return made[starts[-1] :] if starts else made
