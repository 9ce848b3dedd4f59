"""The pipeline's two neighbours without servers: a provider that follows a script, and steps kept in a dictionary."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from app.roadmaps.answer import Answer, Cost, ProviderError
from app.roadmaps.steps import AttemptsUsedUpError, Known, StepKey
from app.schemas.content import StructuredOutput

INTENT = {"goal": "Write firmware", "level": "beginner", "focus": ["ownership"], "weeks": 6}
CURRICULUM = {
    "title": "Rust",
    "summary": "From zero to firmware",
    "stages": [
        {
            "title": "Basics",
            "modules": [
                {
                    "title": "Memory",
                    "concepts": [
                        {"id": "ownership", "title": "Ownership", "summary": "Who frees", "prerequisites": []}
                        | {"estimated_minutes": 30},
                        {"id": "borrowing", "title": "Borrowing", "summary": "Who looks"}
                        | {"prerequisites": ["ownership"], "estimated_minutes": 30},
                    ],
                }
            ],
        }
    ],
}
ANSWERS: dict[str, dict[str, Any]] = {
    "intent_analysis": INTENT,
    "curriculum": CURRICULUM,
    "tutorial": {"title": "T", "sections": [{"heading": "H", "body": "B"}]},
    "resources": {"items": [{"title": "T", "url": "https://t.example", "kind": "book", "reason": "Good"}]},
    "quiz": {"questions": [{"prompt": "P", "choices": list("abcd"), "answer": 1, "explanation": "E"}]},
}
Script = Callable[[str, int], "dict[str, Any] | ProviderError | None"]


class ScriptedProvider:
    """Answers from ANSWERS unless the script says otherwise for "step/concept" and the call's number.

    The concept is called as the author of the curriculum calls it.
    """

    def __init__(self, script: Script = lambda _key, _call: None) -> None:
        self._script = script
        self.calls: Counter[str] = Counter()

    async def ready(self) -> None:
        pass

    async def ask(self, messages, output: type[StructuredOutput], correlation: str) -> Answer[Any]:
        assert messages[-1]["role"] == "user"
        asked = json.loads(messages[-1]["content"]).get("concept", {"id": "-"})
        key = f"{correlation.split('/')[1]}/{asked['id']}"
        self.calls[key] += 1
        scripted = self._script(key, self.calls[key])
        if isinstance(scripted, ProviderError):
            raise scripted
        return Answer(output.model_validate(scripted or ANSWERS[output.schema_name]), Cost(10, 20))


class MemorySteps:
    """Like app.roadmaps.steps.Steps, for one roadmap and without a fence."""

    def __init__(self, max_attempts: int = 3) -> None:
        self._max_attempts = max_attempts
        self.attempts: Counter[StepKey] = Counter()
        self.known: dict[StepKey, Known] = {}
        self.paid: Counter[StepKey] = Counter()
        self.booked = 0

    async def ended(self) -> dict[StepKey, Known]:
        return dict(self.known)

    async def begin(self, key: StepKey) -> int:
        if self.attempts[key] >= self._max_attempts:
            raise AttemptsUsedUpError(key.step)
        self.attempts[key] += 1
        return self.attempts[key]

    async def pay(self, key: StepKey, cost: Cost) -> None:
        self.paid[key] += cost.prompt_tokens + cost.completion_tokens

    async def book(self) -> None:
        self.booked += 1

    async def complete(
        self, key: StepKey, output: dict[str, Any], cost: Cost, names: dict[str, str] | None = None
    ) -> None:
        assert cost == Cost(10, 20)
        await self.pay(key, cost)
        self.known[key] = Known(output, None, names)

    async def fail(self, key: StepKey, error: dict[str, Any]) -> None:
        self.known[key] = Known(None, error)

    async def give_back(self, key: StepKey) -> None:
        self.attempts[key] -= 1
