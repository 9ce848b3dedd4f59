"""A shell script as its simple commands: enough to tell how the script ends, not what it does."""

import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"""
      (?P<space>(?:[ \t]|\\\n)+)
    | (?P<comment>\#[^\n]*)
    | (?P<operator>&&|\|\||;;|[;\n|()]|&(?!>))
    | (?P<redirection>(?:\d+|\{\w+\})?(?:<<<|<<-?|<>|<&|>>|>&|>\||<|>)|&>>?)
    | (?P<word>(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|\$\{[^}]*\}|\$\([^)]*\)|`[^`]*`|[^\s;&|<>()])+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
BEFORE, AFTER = (
    {"|", "("},
    {"&", "|", ")"},
)  # next to one of these operators a command runs in a process of its own
OPTION = re.compile(r"-[cla]+")  # of bash's exec


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command.

    Args:
        line: on which it begins, counted from 1.
        words: of it, as they are written, without redirections.
        text: of it, as it is written.
        before: the operator before it; empty for none.
        after: the one that ends it.
    """

    line: int
    words: tuple[str, ...]
    text: str
    before: str
    after: str

    @property
    def becomes_a_program(self) -> bool:
        """Whether it replaces the shell by a program: an exec with redirections alone only changes the shell's own files."""
        if self.words[:1] != ("exec",) or self.before in BEFORE or self.after in AFTER:
            return False
        words = [*self.words[1:]]
        while words and OPTION.fullmatch(words[0]):
            named = words.pop(0).endswith("a")  # the name to be shown follows
            words = words[1:] if named else words
        return bool([word for word in words if word != "--"])

    @property
    def stops_at_errors(self) -> bool:
        """Whether it is `set -e` in one of its forms."""
        if self.words[:1] != ("set",):
            return False
        named = "errexit" in self.words and "-o" in " ".join(self.words)
        return named or any(re.fullmatch(r"-[a-zA-Z]*e[a-zA-Z]*", word) for word in self.words[1:])


def commands(text: str) -> list[Command]:
    """Those of a script, in its order.

    Args:
        text: of it. Its line ends may be those of Windows.
    """
    script = text.replace("\r\n", "\n").replace("\r", "\n") + "\n"
    found: list[Command] = []
    words: list[str] = []
    pieces: list[re.Match[str]] = []
    before = ""
    for token in TOKEN.finditer(script):
        kind = token.lastgroup
        if kind in {"space", "comment"}:
            continue
        if kind != "operator":
            redirected = bool(pieces) and pieces[-1].lastgroup == "redirection"
            words += [] if kind == "redirection" or redirected else [token[0]]
            pieces.append(token)
            continue
        if pieces:
            start, end = pieces[0].start(), pieces[-1].end()
            line = script.count("\n", 0, start) + 1
            found.append(Command(line, tuple(words), script[start:end], before, token[0]))
        if pieces or token[0] != "\n":  # a command may go on in the next line after an operator
            before = token[0].strip()
        words, pieces = [], []
    return found
