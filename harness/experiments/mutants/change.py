"""One change of a source: some of its bytes replaced by others."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """The place and the kind of a change.

    Args:
        start: offset of the first byte that is replaced.
        end: offset after the last one.
        new: the bytes that replace them.
        kind: which operator made it.
        lines: first and last line whose execution says that it was reached, from 1.
        at_import: whether those lines run when the module is imported, so that no test seems to reach them.
    """

    start: int
    end: int
    new: bytes
    kind: str
    lines: tuple[int, int]
    at_import: bool

    def applied(self, source: bytes) -> bytes:
        """The source with the change.

        Args:
            source: the source that it was made for.
        """
        return source[: self.start] + self.new + source[self.end :]
