"""A rate, as people write it."""

import math
import re

WRITTEN = re.compile(r"\s*([0-9.]+(?:e[+-]?[0-9]+)?)\s*/\s*(h|min|s)\s*", re.ASCII)
PER_HOUR = {"h": 1.0, "min": 60.0, "s": 3600.0}


def per_hour(written: str, unit: str = "") -> float:
    """How many an hour it is.

    Args:
        written: such as `1200/h`, `20/min` or `0.3/s`.
        unit: of a number alone; where there is none, such a number is no rate.

    Raises:
        ValueError: it cannot be read, or is nothing; shows how it should look.
    """
    rate = WRITTEN.fullmatch(written if "/" in written else f"{written}/{unit}")
    try:
        found = float(rate[1]) * PER_HOUR[rate[2]] if rate else 0.0
    except ValueError:
        found = 0.0
    if not 0 < found < math.inf:
        raise ValueError(f"{written!r} is no rate: write it as 1200/h, 20/min or 0.3/s")
    return found
