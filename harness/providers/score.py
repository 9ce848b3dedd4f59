"""The parts of one answer and their times: a body, or the events of a stream."""

from typing import Any

from harness.providers.exchange import EVENTS, JSON

OK = 200
PARTS = 8  # pieces that a body is cut into, so that it can break off between them


class Score:
    """The parts to send: a body, or the events of a stream.

    Args:
        parts: the one body, or the events.
        gaps: seconds before each part; empty for no waits.
        status: of HTTP.
        head: the content-type; by default that of JSON, or of events.
        headers: further ones.
        streamed: whether they are events.
        usage: the usage that the whole answer reports to the client, if this kind of provider counts it.
    """

    __slots__ = ("gaps", "head", "headers", "parts", "status", "streamed", "usage")

    def __init__(
        self,
        parts: list[bytes],
        gaps: list[float] | None = None,
        *,
        status: int = OK,
        head: tuple[bytes, bytes] | None = None,
        headers: tuple[tuple[bytes, bytes], ...] = (),
        streamed: bool = False,
        usage: Any = None,
    ) -> None:
        self.parts = parts
        self.gaps = gaps or []
        self.status = status
        self.head = head or (EVENTS if streamed else JSON)
        self.headers = headers
        self.streamed = streamed
        self.usage = usage

    def pieces(self) -> list[bytes]:
        """The pieces to send one after the other; a body is cut into several."""
        if self.streamed:
            return self.parts
        (body,) = self.parts
        size = -(-len(body) // PARTS) or 1
        return [body[at : at + size] for at in range(0, len(body), size)]

    def pieces_before(self, at: float) -> list[bytes]:
        """The pieces before a point between 0 and 1: at least one of two, never all; none at 0."""
        pieces = self.pieces()
        return pieces[: max(0, min(len(pieces) - 1, max(1, round(len(pieces) * at))))] if at else []

    def gathered(self) -> list[tuple[float, bytes]]:
        """The parts with their waits; a part without a wait is joined to the part before it."""
        found: list[tuple[float, list[bytes]]] = [(0.0, [self.parts[0]])]
        for gap, part in zip(self.gaps[1:], self.parts[1:], strict=True):
            if gap:
                found.append((gap, [part]))
            else:
                found[-1][1].append(part)
        return [(gap, b"".join(joined)) for gap, joined in found]
