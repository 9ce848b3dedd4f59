"""How the scripted provider behaves under load: as slow as a real one, so many times faster, the same every time."""

from typing import Any

from harness.fake_openai.client import FakeOpenAI
from loadtests.tiers import Workload


def set_pace(
    openai: FakeOpenAI, workload: Workload, speed: float, seed: int, *, identical: bool = False
) -> None:
    """Script it.

    Args:
        openai: the provider.
        workload: concepts of a roadmap, and what a call takes.
        speed: waits are divided by it.
        seed: of the latencies.
        identical: whether every call takes the median.
    """
    del seed, identical
    openai.on(step="curriculum").replies(curriculum(workload.concepts))
    openai.latency(workload.call_median_seconds / speed)


def cpu_seconds(openai: FakeOpenAI) -> float:
    """What the provider's process has used so far."""
    return float(openai.stats()["cpu_seconds"])


def curriculum(concepts: int) -> dict[str, Any]:
    """A sound one with so many concepts."""
    described = [
        {
            "id": f"concept-{n}",
            "title": f"Concept {n}",
            "summary": f"What there is to know of concept {n}.",
            "prerequisites": [],
            "estimated_minutes": 30,
        }
        for n in range(1, concepts + 1)
    ]
    stage = {"title": "The stage", "modules": [{"title": "The module", "concepts": described}]}
    return {
        "title": "A roadmap of the load test",
        "summary": "As long as the workload says.",
        "stages": [stage],
    }
