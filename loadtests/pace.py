"""Scripts the provider for a load test: it is as slow as a real one, divided by a speed, and the same every time."""

import heapq
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from loadtests.traffic import Workload, calls, told

if TYPE_CHECKING:  # a test of a URL does not need the scripted provider's packages
    from harness import FakeOpenAI


AT_ONCE = 4  # parts of a roadmap that a slot writes at once: the service's default


def set_pace(
    openai: "FakeOpenAI", workload: Workload, speed: float, seed: int, *, identical: bool = False
) -> None:
    """Script the provider.

    Args:
        openai: the provider.
        workload: concepts of a roadmap, and the time of a call.
        speed: waits are divided by it.
        seed: of the latencies.
        identical: whether every call takes the median time, and every roadmap has the average number of concepts.
    """
    from harness.providers.latency import Delay
    from harness.providers.openai.scenario import Scenario
    from harness.providers.openai.script import Match, Rule
    from harness.providers.openai.steps import Reply

    sigma = 0.0 if identical else workload.call_sigma
    sizes = list(workload.sizes)
    mean = round(sum(number * share for number, share in workload.sizes.items()))
    rules = tuple(
        Rule(
            id=f"{number} concepts",
            match=Match(step="curriculum", contains=told(number)),
            steps=(Reply(content=curriculum(mean if identical else number)),),
        )
        for number in sizes
    )
    latency = Delay(seconds=workload.call_median_seconds, sigma=sigma)
    openai.load(Scenario(seed=seed, speed=speed, latency=latency, rules=rules))


def service(workload: Workload, chance: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Seconds that a slot needs for a roadmap: two calls in turn, then the parts, four at a time.

    Args:
        workload: sizes of roadmaps, and the time of a call.
        chance: random numbers for both.
        count: of roadmaps.
    """
    sizes = chance.choice(list(workload.sizes), count, p=list(workload.sizes.values()))
    return np.array([_seconds(workload, chance, int(size)) for size in sizes])


def _seconds(workload: Workload, chance: np.random.Generator, concepts: int) -> float:
    median = math.log(workload.call_median_seconds)
    first, second, *parts = chance.lognormal(median, workload.call_sigma, calls(concepts)).tolist()
    free = [0.0] * AT_ONCE
    for part in parts:
        heapq.heapreplace(free, free[0] + part)
    return float(first + second + max(free))


def curriculum(concepts: int) -> dict[str, Any]:
    """A sound curriculum with so many concepts."""
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
