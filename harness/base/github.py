"""The output of a job that GitHub Actions understands: annotations, which it reads in the log, and a summary (docs.github.com, "Workflow commands")."""

import os
from pathlib import Path

ACTIONS = "GITHUB_ACTIONS"  # set where a job runs there
SUMMARY = "GITHUB_STEP_SUMMARY"  # the file whose Markdown is shown on the job's page
MOST_BYTES = 1024 * 1024  # bytes of a step's summary; a larger one is refused as a whole
CUT = "\n\nThe rest is left out: a summary has room for no more.\n"


def in_actions() -> bool:
    """Whether this is a job of GitHub's."""
    return bool(os.environ.get(ACTIONS))


def annotation(level: str, message: str, *, title: str, file: str = "", line: int = 0) -> str:
    """The line of a log that is shown at a place of the repository.

    Args:
        level: `error`, `warning` or `notice`.
        message: of any number of lines.
        title: of one line.
        file: path from the repository's root; empty for none.
        line: counted from 1; 0 for none.
    """
    place = {"file": file, **({"line": str(line)} if line else {})} if file else {}
    given = {**place, "title": title}
    properties = ",".join(f"{name}={_escaped(value, ',:')}" for name, value in given.items())
    return f"::{level} {properties}::{_escaped(message)}"


def summarise(markdown: str) -> bool:
    """Add to the job's summary.

    Args:
        markdown: what to add; as much of it as there is room for.

    Returns:
        Whether there is a summary to add to.
    """
    named = os.environ.get(SUMMARY)
    if not named:
        return False
    path = Path(named)
    room = MOST_BYTES - (path.stat().st_size if path.exists() else 0)
    content = markdown.encode(errors="replace")
    if len(content) > room:
        content = content[: max(room - len(CUT), 0)].decode(errors="ignore").encode() + CUT.encode()
    if len(content) <= room:
        with path.open("ab") as file:
            file.write(content)
    return True


def _escaped(text: str, more: str = "") -> str:
    """The text escaped for a workflow command: the percent sign is replaced first."""
    for character in ("%", "\r", "\n", *more):
        text = text.replace(character, f"%{ord(character):02X}")
    return text
