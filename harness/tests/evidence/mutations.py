"""Evidence with one thing of it taken away, cut, doubled, swapped or stale: what a judge must not take for the whole."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.evidence.evidence import Evidence, Row
from harness.evidence.manifest import LOG, RECORDS, STARTUP, TABLE
from harness.evidence.whole import manifest_of

MOST = 8  # of one part that are taken, evenly over it


@dataclass(frozen=True, slots=True)
class FileMutation:
    """What is done to one file of saved evidence.

    Args:
        file: its path in the folder.
        how: a word.
        content: that it has then; None where it is gone.
    """

    file: str
    how: str
    content: bytes | None

    def apply(self, folder: Path) -> None:
        """Do it.

        Args:
            folder: a copy of the evidence.
        """
        path = folder / self.file
        if self.content is None:
            path.unlink()
        else:
            path.write_bytes(self.content)


def of_files(folder: Path, stale: Path) -> Iterator[FileMutation]:
    """Each file gone, empty, cut, with a line less, a line twice, two lines swapped, or another run's.

    Args:
        folder: of evidence.
        stale: of another run's evidence.
    """
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        file, content = path.relative_to(folder).as_posix(), path.read_bytes()
        yield FileMutation(file, "gone", None)
        other = stale / file
        changed = [
            ("stale", other.read_bytes() if other.is_file() else b"{}"),
            ("empty", b""),
            ("cut", content[: len(content) // 2]),
        ]
        lines = content.splitlines(keepends=True)
        for number in _some(lines):
            before, line, after = lines[:number], lines[number], lines[number + 1 :]
            changed.append((f"without line {number + 1}", b"".join([*before, *after])))
            changed.append((f"line {number + 1} twice", b"".join([*before, line, line, *after])))
            if after:
                changed.append(
                    (
                        f"lines {number + 1} and {number + 2} swapped",
                        b"".join([*before, after[0], line, *after[1:]]),
                    )
                )
        yield from (FileMutation(file, how, new) for how, new in changed if new != content)


def as_if_it_had_been_so(evidence: Evidence) -> Iterator[tuple[str, str, Evidence]]:
    """Each part empty, and with a record less or twice, and nothing that shows it: as if the system itself had left that.

    Args:
        evidence: that is whole.

    Yields:
        The part's name, what was done, and the evidence with a manifest that agrees with it.
    """
    for part, items in sorted(_parts(evidence).items()):
        if items:
            yield part, "empty", _with(evidence, part, [])
        for number in _some(items):
            yield (
                part,
                f"without {number + 1}",
                _with(evidence, part, [*items[:number], *items[number + 1 :]]),
            )
            yield (
                part,
                f"{number + 1} twice",
                _with(evidence, part, [*items[:number], items[number], *items[number:]]),
            )


def swapped(
    evidence: Evidence, part: str, column: str, only: Callable[[Row], bool] = lambda _: True
) -> Iterator[tuple[str, Evidence]]:
    """Two rows with each other's value.

    Args:
        evidence: that is whole.
        part: a table, or a kind of records.
        column: of its rows.
        only: of which rows.

    Yields:
        What was done, and the evidence with a manifest that agrees with it.
    """
    rows = _parts(evidence).get(part, [])
    values = [(number, row[column]) for number, row in enumerate(rows) if column in row and only(row)]
    for two, other in values:
        one, value = values[0]
        if other != value:
            changed = list(rows)
            changed[one], changed[two] = rows[one] | {column: other}, rows[two] | {column: value}
            yield f"{column} of rows {one + 1} and {two + 1} swapped", _with(evidence, part, changed)
            return


def _parts(evidence: Evidence) -> dict[str, list[Any]]:
    parts: dict[str, list[Any]] = {f"{LOG}/{name}": lines for name, lines in evidence.logs.items()}
    parts |= {f"{STARTUP}/{name}": lines for name, lines in evidence.startup.items()}
    parts |= {f"{TABLE}/{name}": rows for name, rows in evidence.tables.items()}
    for record in evidence.journal:
        parts.setdefault(f"{RECORDS}/{record['kind']}", []).append(record)
    return parts


def _with(evidence: Evidence, part: str, items: list[Any]) -> Evidence:
    room, _, name = part.partition("/")
    if room == RECORDS:
        others = [record for record in evidence.journal if record["kind"] != name]
        journal: list[Row] = sorted([*others, *items], key=lambda record: float(record["at"]))
        changed = replace(evidence, journal=journal)
    elif room == TABLE:
        changed = replace(evidence, tables={**evidence.tables, name: items})
    elif room == LOG:
        changed = replace(evidence, logs={**evidence.logs, name: items})
    else:
        changed = replace(evidence, startup={**evidence.startup, name: items})
    before = evidence.manifest or {}
    agreeing = {
        name: replace(before.get(name, told), count=told.count) for name, told in manifest_of(changed).items()
    }
    return replace(changed, manifest={**before, **agreeing})


def _some(items: Sequence[object]) -> list[int]:
    step = max(1, len(items) // MOST)
    return list(range(0, len(items), step))[:MOST]
