"""An objective of one endpoint or one kind, as a line of the file: `p99(GET /orders) < 300ms`, `failed(POST /orders) < 1%`."""

import re
from dataclasses import dataclass

LINE = re.compile(
    r"^\s*(?:p(?P<percent>[0-9]+(?:\.[0-9]+)?)|(?P<failed>failed))\((?P<of>[^()]+)\)\s*<=?\s*(?P<limit>[0-9.]+)\s*(?P<unit>ms|s|min|%)\s*$"
)
SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0}
FAILED = "%"
MOST_PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """An objective for one kind of request, or for the time to a job's end.

    Args:
        line: as it was written.
        of: the kind of request, as reports name it; '' for the time to a job's end.
        share: which quantile; 0 where the share of failures is meant.
        limit: seconds, or a share.
    """

    line: str
    of: str
    share: float
    limit: float

    @classmethod
    def parse(cls, line: object, noun: str) -> "Threshold":
        """Read a line.

        Args:
            line: such as `p99(GET /orders) < 300ms`, `p50(time_to_order) < 20s` or `failed(POST /orders) < 1%`.
            noun: one of what is asked for.

        Raises:
            ValueError: it cannot be read; shows how it should look.
        """
        found = LINE.match(line) if isinstance(line, str) else None
        how = (
            f"write it as p99(GET /{noun}s) < 300ms, p50(time_to_{noun}) < 20s or failed(POST /{noun}s) < 1%"
        )
        if found is None or (found["failed"] is None) == (found["unit"] == FAILED):
            raise ValueError(f"{line!r} is no objective: {how}")
        try:
            limit = float(found["limit"])
        except ValueError:
            raise ValueError(f"{line!r} has no number for a limit: {how}") from None
        share = 0.0 if found["percent"] is None else float(found["percent"]) / MOST_PERCENT
        scale = 1 / MOST_PERCENT if found["failed"] else SECONDS[found["unit"]]
        of = " ".join(found["of"].split())
        timed = of == f"time_to_{noun}"
        if not limit or (found["percent"] is not None and not 0 < share < 1) or (timed and found["failed"]):
            raise ValueError(f"{line!r} can never be judged: {how}")
        return cls(line=str(line), of="" if timed else of, share=share, limit=limit * scale)
