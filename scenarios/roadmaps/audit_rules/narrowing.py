"""Judges by its words whether an SQL statement removes or forbids something that running programs use."""

import re
from collections.abc import Collection, Iterator

COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
IDENTIFIER = r'(?:"?\w+"?\.)?"?(?P<{}>\w+)"?'
MADE = re.compile(
    r"\bCREATE\s+(?:UNLOGGED\s+|TEMP(?:ORARY)?\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    + IDENTIFIER.format("table"),
    re.IGNORECASE,
)
# The table of a constraint or a policy: no program uses a table yet that this revision itself has made.
UPON = re.compile(
    r"\bALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?"
    + IDENTIFIER.format("altered")
    + r"|\b(?:POLICY|INDEX)\b.*?\bON\s+(?:ONLY\s+)?"
    + IDENTIFIER.format("on"),
    re.IGNORECASE | re.DOTALL,
)
# From PostgreSQL's reference of SQL commands, without statements that only widen or slow down a table: dropping an index, a check or
# a foreign key.
NARROWS = re.compile(
    r"\b(?:"
    r"(?<!COMMIT\s)DROP\s+(?!INDEX\b|CONSTRAINT\b|NOT\s+NULL\b)"
    r"|DROP\s+CONSTRAINT\s+(?:IF\s+EXISTS\s+)?\"?(?:(?:uq|pk)_\w+|\w+_(?:key|pkey|excl|uq|unique))\b"  # ON CONFLICT names one
    r"|RENAME\s|TRUNCATE\b|SET\s+SCHEMA\b|OWNER\s+TO\b|REVOKE\b|DETACH\s+PARTITION\b|NO\s+INHERIT\b"
    r"|SET\s+NOT\s+NULL\b|(?:SET|ADD)\s+GENERATED\s+ALWAYS\b"
    r"|ALTER\s+(?:COLUMN\s+)?\S+\s+(?:SET\s+DATA\s+)?TYPE\b"
    r"|ADD\s(?!.*\b(?:DEFAULT|GENERATED)\b).*\bNOT\s+NULL\b"
    r"|ADD\s+(?:CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)\b|CREATE\s+UNIQUE\s+INDEX\b"
    r"|(?:ENABLE|(?<!NO\s)FORCE)\s+ROW\s+LEVEL\s+SECURITY\b|(?:CREATE|ALTER)\s+POLICY\b"
    r"|CREATE\s+(?:OR\s+REPLACE\s+)?RULE\b|DISABLE\s+(?:TRIGGER|RULE)\b|ALTER\s+(?:ROLE|USER|DATABASE)\b"
    r"|DELETE\s+FROM\s+(?:ONLY\s+)?\S+\s*$"
    r")",
    re.IGNORECASE | re.DOTALL,
)


def tables_made(texts: Collection[str]) -> Iterator[str]:
    """The names of the tables that these statements make."""
    for text in texts:
        for made in MADE.finditer(COMMENT.sub(" ", text)):
            yield made["table"]


def narrows(text: str, made: Collection[object]) -> bool:
    """Whether one of the statements removes or forbids something.

    Args:
        text: statements with semicolons between.
        made: tables that no program can have used before.
    """
    for statement in COMMENT.sub(" ", text).split(";"):
        upon = UPON.search(statement)
        new = upon is not None and (upon["altered"] or upon["on"]) in made
        if NARROWS.search(statement.strip()) and not new:
            return True
    return False
