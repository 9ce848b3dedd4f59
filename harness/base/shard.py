"""K/N: the K-th of N parts of a long run."""

import re

FORM = re.compile(r"([1-9]\d*)/([1-9]\d*)")


def shard(text: str) -> tuple[int, int]:
    """Its number and how many there are.

    Args:
        text: such as 2/4.

    Raises:
        ValueError: there is no such part; says how one is written.
    """
    form = FORM.fullmatch(text)
    if form is None or int(form[1]) > int(form[2]):
        raise ValueError(f"{text}: write K/N, such as 2/4 for the second of four parts")
    return int(form[1]), int(form[2])
