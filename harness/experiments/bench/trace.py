"""The cost of explaining a scenario: how much longer it takes with a recorder, and the size and build time of its page."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.base import pace
from harness.base.progress import Progress
from harness.evidence.checks import Judges
from harness.evidence.evidence_folder import EvidenceFolder, load
from harness.evidence.redaction import Redactor
from harness.evidence.trace.page import MOST_BYTES
from harness.evidence.trace.trace_file import write_trace
from harness.experiments.bench.figure import Figure
from harness.stack.client import use
from harness.stack.stack import Stack
from harness.substrates.spec import StackSpec
from harness.system.collect import Reading
from harness.system.recorder import Recorder

USES = 3  # pieces of work in a scenario, as most have
MOST_TIMES = 1.1
BUILD_SECONDS = 0.5  # on a machine that is fast enough; see harness.base.pace


def trace(rounds: int, progress: Progress, spec: StackSpec) -> Iterator[Figure]:
    """Play one scenario with a recorder and without, by turns, on two stacks, so that one does not influence the other.

    Args:
        rounds: how often each is played.
        progress: told what is measured.
        spec: of both stacks.
    """
    times: dict[bool, list[float]] = {True: [], False: []}
    progress("two stacks")
    with (
        Stack(spec, "bench") as recorded,
        Stack(spec, "bench") as plain,
        TemporaryDirectory(prefix="harness-") as name,
    ):
        for number in range(rounds + 1):
            progress(f"scenario {number} of {rounds}, with and without")
            for stack, with_recorder in ((recorded, True), (plain, False))[:: 1 if number % 2 else -1]:
                took = _scenario(stack, Path(name) / f"{number}-{with_recorder}", recorder=with_recorder)
                if number:  # the first one warms up
                    times[with_recorder].append(took)
        folder = Path(name) / f"{rounds}-True"
        app = recorded.app
        judges, ids = Judges.of(app), [work.id for work in app.works]
        built, sizes = [], []
        for _ in range(rounds):
            began = time.monotonic()
            path = write_trace(folder, judges, ids)
            built.append(time.monotonic() - began)
            sizes.append(path.stat().st_size)
        records = len(load(folder).journal)
    ratios = [with_it / without for with_it, without in zip(times[True], times[False], strict=True)]
    yield Figure.ratio("scenario with a recorder, times without", ratios, most=MOST_TIMES)
    most = max(sizes) / MOST_BYTES
    yield Figure(
        name="size of its page, of what is allowed", value=most, most=1.0, detail=f"{max(sizes) / 1e6:.2f} MB"
    )
    slow = max(1.0, pace.slowness())
    share = statistics.median(built) / BUILD_SECONDS / slow
    told = f"{statistics.median(built):.3f} s of {records} records, on a machine {slow:.1f} times too slow"
    yield Figure(name="building its page, of what is allowed", value=share, most=1.0, detail=told)


def _scenario(stack: Stack, folder: Path, *, recorder: bool) -> float:
    """Seconds of a scenario with its fixture: work, wait until all is idle, read the evidence, keep it."""
    began = time.monotonic()
    running = Recorder(stack) if recorder else None
    if running:
        running.start()
    for _ in range(USES):
        use(stack)
    stack.wait_until_idle()
    evidence = Reading(stack, recorder=running).evidence()
    EvidenceFolder(folder, Redactor(stack.all_secrets)).save(evidence)
    if running:
        running.stop()
    took = time.monotonic() - began
    stack.clear()
    return took
