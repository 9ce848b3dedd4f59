"""Common to all rows of the provider's faults: the fault hits the curriculum, and all other calls succeed."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from scenarios.material import curriculum, in_its_words

STEP = "curriculum"
Fault = Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class Suffered:
    """The result of a roadmap.

    Args:
        status: of the roadmap.
        code: of its error; '' for none.
        calls: that the provider got for the step.
        gaps: seconds between two calls.
    """

    status: str
    code: str
    calls: int
    gaps: tuple[float, ...]


def suffer(system: Any, fault: Fault) -> Suffered:
    """Ask for a roadmap while the provider has this fault at its curriculum, and check that nothing incomplete is kept.

    Args:
        system: the fixture.
        fault: adds steps to the given Behaviour; after them it answers soundly.
    """
    behaviour = system.openai.on(step=STEP)
    fault(behaviour)
    system.openai.on(step=STEP).reply(curriculum("a"))
    roadmap = system.api.sign_up().create_roadmap("Rust")
    ended = roadmap.wait_until_ended()
    calls = system.openai.calls(step=STEP)

    (step,) = system.database.rows(
        f"SELECT attempts, status, output, names, error, prompt_tokens, completion_tokens FROM generation_steps"  # noqa: S608 - ours
        f" WHERE step = '{STEP}'"
    )
    assert step["attempts"] == len(calls)
    if ended["status"] == "completed":
        assert step["output"]
        assert calls[-1].rule == calls[0].rule or in_its_words(step["output"], step["names"]) == curriculum(
            "a"
        )
    else:
        assert (ended["status"], ended["stages"], step["output"]) == ("failed", [], None)
        assert step["error"] == ended["error"]
    assert step["prompt_tokens"] == sum(call.prompt_tokens for call in calls)
    assert step["completion_tokens"] == sum(call.completion_tokens for call in calls)
    system.check()
    code = ended["error"]["code"] if ended["error"] else ""
    begun = [call.began for call in calls]
    gaps = tuple(later - earlier for earlier, later in pairwise(begun))
    return Suffered(ended["status"], code, len(calls), gaps)
