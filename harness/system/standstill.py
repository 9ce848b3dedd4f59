"""Waits until new roles have started completely."""

import contextlib
import time
from collections.abc import Iterable

from harness.base import pace
from harness.base.wait import WaitTimeoutError, eventually
from harness.nodes.member import Use
from harness.nodes.node import Node
from harness.substrates.engine.engine import EngineError

LOOK_SECONDS = 0.2  # between two looks, on a machine that is fast enough
LONGEST_SECONDS = 10.0
IDLE = 0.2  # share of a core: an idle role uses some hundredths, an importing one as much as it gets


def stand_still(nodes: Iterable[Node]) -> None:
    """Wait until all processes of new roles have started: a role can answer by one process while the others still import.

    On a fast machine they start together. On a slow one the first sample would show only some of them, and the descriptors of the
    others would later be taken for a leak.

    Args:
        nodes: of roles; those that do not run, or have stood still since their start, are left out.
    """
    look = LOOK_SECONDS * pace.slowness()
    living = [node for node in nodes if node.alive and node.new]
    if not living:
        return
    seen = dict.fromkeys(living, Use(-1, 0, 0.0))
    when = time.monotonic()

    def still() -> bool:
        nonlocal seen, when
        now, at = {node: _use(node) for node in living if node.alive}, time.monotonic()
        before, since, seen, when = seen, at - when, now, at
        return all(
            use.descriptors == before[node].descriptors
            and use.cpu_seconds - before[node].cpu_seconds < IDLE * since
            for node, use in now.items()
        )

    with contextlib.suppress(WaitTimeoutError):  # a role that is never idle is judged as it is
        eventually(still, timeout=LONGEST_SECONDS, poll=look, what="roles that stand still")
    for node in living:
        node.new = False


def _use(node: Node) -> Use:
    try:
        return node.use()
    except EngineError:  # it ends while we look
        return Use(0, 0, 0.0)
