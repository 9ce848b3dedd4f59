"""How the scripted provider behaves under load: as slow as a real one, so many times faster, the same every time."""

from typing import TYPE_CHECKING, Any

from loadtests.traffic import Workload

if TYPE_CHECKING:  # who only drives a URL need not have what a provider is scripted with
    from harness import FakeOpenAI


def set_pace(
    openai: "FakeOpenAI", workload: Workload, speed: float, seed: int, *, identical: bool = False
) -> None:
    """Script it.

    Args:
        openai: the provider.
        workload: concepts of a roadmap, and what a call takes.
        speed: waits are divided by it.
        seed: of the latencies.
        identical: whether every call takes the median.
    """
    from harness.providers.latency import Delay
    from harness.providers.openai.scenario import Scenario
    from harness.providers.openai.script import Match, Rule
    from harness.providers.openai.steps import Reply

    sigma = 0.0 if identical else workload.call_sigma
    rule = Rule(
        id="as long as the workload says",
        match=Match(step="curriculum"),
        steps=(Reply(content=curriculum(workload.concepts)),),
    )
    latency = Delay(seconds=workload.call_median_seconds, sigma=sigma)
    openai.load(Scenario(seed=seed, speed=speed, latency=latency, rules=(rule,)))


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
