"""How much later a stack is ready whose every member is a container than one whose roles are processes of this machine."""

from collections.abc import Iterator
from dataclasses import replace

from harness.base.progress import Progress
from harness.experiments.bench.figure import Figure
from harness.experiments.bench.start import cycle
from harness.substrates.spec import StackSpec

MOST_TIMES = 1.5


def image(rounds: int, progress: Progress, spec: StackSpec) -> Iterator[Figure]:
    """Start stacks of both kinds in turn, servers included.

    Args:
        rounds: of each; one more goes before, which makes the images where they were not.
        progress: told what is measured.
        spec: of the stacks, but for where they live.
    """
    host, every = replace(spec, substrate="containers"), replace(spec, substrate="image")
    times: dict[str, list[float]] = {"containers": [], "image": []}
    for number in range(rounds + 1):
        for kind in (host, every):
            progress(f"start on {kind.substrate} {number} of {rounds}")
            start, _ = cycle(kind, None)
            if number:
                times[kind.substrate].append(start)
    ratios = [later / sooner for later, sooner in zip(times["image"], times["containers"], strict=True)]
    yield Figure.median("start on containers", times["containers"])
    yield Figure.median("start on image", times["image"])
    yield Figure.ratio("start on image, times that on containers", ratios, most=MOST_TIMES)
