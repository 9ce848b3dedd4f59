"""How much longer a stack takes to start if every member is a container, compared with roles as processes of this machine."""

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
        rounds: rounds of each; one more round comes first and makes missing images.
        progress: told what is measured.
        spec: specification of the stacks, except their substrate.
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
