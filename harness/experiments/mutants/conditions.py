"""Conditions of SQL in a string of a program: each mutant has one conjunct less.

They are read as text, because a statement in a program is rarely complete: parts of it are names in braces. Other text is left
alone.
"""

import re
from collections.abc import Iterator

# Upper case, as statements are written: a sentence has "where" and "and" too.
WORD = re.compile(rb"'(?:[^'\n]|'')*'|[(){}]|\b[A-Z]+\b")
OPENING, CLOSING = {b"(", b"{"}, {b")", b"}"}
BEGINS = {b"WHERE", b"HAVING", b"AND"}
ENDS = {b"AND", b"OR", b"ORDER", b"GROUP", b"HAVING", b"LIMIT", b"FOR", b"RETURNING", b"UNION", b"EXCEPT", b"WINDOW"} | {
    b"SELECT", b"ON", b"WHEN", b"THEN", b"ELSE", b"END", b"WHERE", b"OFFSET", b"SET", b"INSERT", b"UPDATE", b"DELETE", b"LEFT", b"JOIN"
}  # fmt: skip
AFTER = re.compile(rb"""[\s;]*(?:\"{3}|'{3}|["'])?\Z""")  # what closes a literal
TRUE = b" true "


def conjuncts(text: bytes) -> Iterator[tuple[int, int]]:
    """The offsets of each conjunct of each condition, which `true` may replace.

    Args:
        text: of a literal, with its quotes or without.
    """
    words = [(found.start(), found.end(), found[0]) for found in WORD.finditer(text)]
    for index, (_, end, word) in enumerate(words):
        if word in BEGINS and not _of_between(words, index):
            stop = _end(text, words[index + 1 :])
            if text[end:stop].strip(b" \n\r\t\\\"'fr;"):
                yield end, stop


def _end(text: bytes, after: list[tuple[int, int, bytes]]) -> int:
    """Where a conjunct ends that begins before these words."""
    depth, between = 0, False
    for start, _, word in after:
        if word in OPENING:
            depth += 1
        elif word in CLOSING:
            depth -= 1
            if depth < 0:
                return start
        elif depth == 0 and word == b"BETWEEN":
            between = True
        elif depth == 0 and word == b"AND" and between:
            between = False
        elif depth == 0 and word in ENDS:
            return start
    return len(AFTER.sub(b"", text))


def _of_between(words: list[tuple[int, int, bytes]], index: int) -> bool:
    """Whether this AND belongs to a BETWEEN."""
    if words[index][2] != b"AND":
        return False
    depth = 0
    for _, _, word in reversed(words[:index]):
        if word in CLOSING:
            depth += 1
        elif word in OPENING:
            depth -= 1
            if depth < 0:
                return False
        elif depth == 0 and word in BEGINS | {b"OR"}:
            return False
        elif depth == 0 and word == b"BETWEEN":
            return True
    return False
