"""From a topic to a roadmap: intent analysis, curriculum design, validation with one repair, then every concept's content."""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from app.core.task_group import task_group
from app.core.to_its_end import to_its_end
from app.roadmaps import framework, prompts, states
from app.roadmaps.answer import Answer, Cost, Output, ProviderError
from app.roadmaps.budget import BudgetSpentError
from app.roadmaps.events import Category, Event, Level
from app.roadmaps.steps import AttemptsUsedUpError, Known, StepKey
from app.schemas.content import Curriculum, IntentAnalysis, Quiz, Resources, StructuredOutput, Tutorial
from app.schemas.framework import Concept, Framework

log = logging.getLogger(__name__)
CONTENT: dict[str, type[StructuredOutput]] = {"tutorial": Tutorial, "resources": Resources, "quiz": Quiz}
BACKOFF_SECONDS = 0.5
MAX_BACKOFF_SECONDS = 8.0

Emit = Callable[[Event], None]


class Asks(Protocol):
    """The methods that the pipeline needs of a provider."""

    async def ready(self) -> None: ...
    async def ask(
        self, messages: prompts.Messages, output: type[Output], correlation: str
    ) -> Answer[Output]: ...


class KeepsSteps(Protocol):
    """The methods that the pipeline needs to store steps beyond its own life."""

    async def ended(self) -> dict[StepKey, Known]: ...
    async def begin(self, key: StepKey) -> int: ...
    async def complete(
        self, key: StepKey, output: dict[str, Any], cost: Cost, names: dict[str, str] | None = None
    ) -> None: ...
    async def pay(self, key: StepKey, cost: Cost) -> None: ...
    async def book(self) -> None: ...
    async def fail(self, key: StepKey, error: dict[str, Any]) -> None: ...
    async def give_back(self, key: StepKey) -> None: ...


class StepFailedError(Exception):
    """There will be no answer to this step.

    Args:
        error: {"code", "message"}, as stored.
    """

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.error = error


@dataclass(frozen=True, slots=True)
class Generated:
    """A finished roadmap.

    Args:
        curriculum: its framework.
        failed: "step of concept" -> why, for the missing content.
    """

    curriculum: Framework
    failed: dict[str, dict[str, Any]] = field(default_factory=dict)


class Pipeline:
    """One attempt at one roadmap. Steps that an earlier attempt finished are not asked again.

    Args:
        roadmap_id: for events and correlation.
        body: what the owner asked for.
        provider: answers the calls.
        steps: stores the steps.
        emit: takes best-effort events.
        enter: called with each step of the whole roadmap, for the status.
        concurrency: calls at once.
    """

    def __init__(
        self,
        roadmap_id: UUID,
        body: dict[str, Any],
        *,
        provider: Asks,
        steps: KeepsSteps,
        emit: Emit,
        enter: Callable[[str], Any],
        concurrency: int,
    ) -> None:
        self._id = roadmap_id
        self._body = body
        self._provider = provider
        self._steps = steps
        self._emit = emit
        self._enter = enter
        self._slots = asyncio.Semaphore(concurrency)
        self._known: dict[StepKey, Known] = {}

    async def run(self) -> Generated:
        """Generate the roadmap.

        Raises:
            StepFailedError: there is no framework, so there is no roadmap.
            LeaseLostError: another worker has claimed it.
        """
        self._known = await self._steps.ended()
        curriculum = await self._framework()
        await self._enter("content")
        failed: dict[str, dict[str, Any]] = {}
        async with task_group() as group:
            for concept in curriculum.concepts():
                for step in prompts.CONCEPT_STEPS:
                    group.create_task(self._content(step, concept, failed))
        return Generated(curriculum, dict(sorted(failed.items())))

    async def _framework(self) -> Framework:
        await self._enter("intent")
        intent, _ = await self._ask(StepKey("intent"), prompts.intent(self._body), IntentAnalysis)
        await self._enter("curriculum")
        asked = prompts.curriculum(self._body, intent)
        draft, names = await self._ask(StepKey("curriculum"), asked, Curriculum)
        if (found := framework.stored(draft, names)) is not None:
            return found
        problems = framework.faults(draft)
        self._note(
            "curriculum", "The curriculum has faults and is sent back once.", "warning", problems=problems
        )
        await self._enter("repair")
        asked = prompts.repair(self._body, draft, problems)
        repaired, names = await self._ask(StepKey("repair"), asked, Curriculum)
        if (found := framework.stored(repaired, names)) is not None:
            return found
        message = f"The curriculum stayed unsound: {framework.faults(repaired)[0]}."
        raise StepFailedError({"code": "invalid_framework", "message": message})

    async def _content(self, step: str, concept: Concept, failed: dict[str, dict[str, Any]]) -> None:
        async with self._slots:
            try:
                await self._ask(
                    StepKey(step, concept.id), prompts.concept(step, self._body, concept), CONTENT[step]
                )
            except StepFailedError as error:
                failed[f"{step} of {framework.shown(concept.name)}"] = error.error

    async def _ask(
        self, key: StepKey, messages: prompts.Messages, output: type[Output]
    ) -> tuple[dict[str, Any], dict[str, str] | None]:
        """The output of a step, as stored, and its names; the output of an earlier attempt is not checked again."""
        known = self._known.get(key)
        if known is not None and known.output is not None:
            return known.output, known.names
        if known is not None:
            raise StepFailedError(
                known.error or {"code": states.FAILED, "message": "The step failed before."}
            )
        last: ProviderError | None = None
        while True:
            # Wait before the call is counted: a call that is not made must not use up an attempt.
            await self._provider.ready()
            try:
                attempt = await to_its_end(self._steps.begin(key), undo=lambda _: self._give_back(key))
            except AttemptsUsedUpError:
                raise await self._given_up(key, last) from last
            except BudgetSpentError as error:
                spent = ProviderError("budget_spent", str(error), transient=False)
                raise await self._given_up(key, spent) from error
            try:
                answer = await self._call(key, messages, output, attempt)
            except ProviderError as error:
                self._note(key.step, str(error), "warning", key.concept_id, code=error.code, attempt=attempt)
                await to_its_end(self._steps.pay(key, error.cost))
                if not error.transient:
                    raise await self._given_up(key, error) from error
                last = error
                await asyncio.sleep(_pause(error, attempt))
            else:
                kept, names = _to_keep(answer.value)
                await to_its_end(self._steps.complete(key, kept, answer.cost, names))
                self._note(
                    key.step, f"{key.step.capitalize()} is written.", "info", key.concept_id, attempt=attempt
                )
                return kept, names

    async def _call(
        self, key: StepKey, messages: prompts.Messages, output: type[Output], attempt: int
    ) -> Answer[Output]:
        """Make one call, and book an unknown cost at the most that it may be."""
        try:
            answer = await self._provider.ask(messages, output, key.correlation(self._id, attempt))
        except ProviderError as error:
            if error.unknown:
                await to_its_end(self._steps.book())
            raise
        except asyncio.CancelledError:
            await asyncio.shield(self._cut_off(key))
            raise
        if not answer.cost:
            await to_its_end(self._steps.book())
        return answer

    async def _cut_off(self, key: StepKey) -> None:
        """Give a call back that was cut off. The provider may continue to write, and be paid for it."""
        try:
            await self._steps.book()
        except Exception as error:  # noqa: BLE001 - as below
            log.warning(
                "what the call of %s may have cost is not written down: %s", key.step, type(error).__name__
            )
        await self._give_back(key)

    async def _give_back(self, key: StepKey) -> None:
        try:
            await self._steps.give_back(key)
        except Exception as error:  # noqa: BLE001 - we are being stopped; at worst the call stays counted
            log.warning("the call of %s stays counted: %s", key.step, type(error).__name__)

    async def _given_up(self, key: StepKey, cause: ProviderError | None) -> StepFailedError:
        error = cause.as_json() if cause else {"code": "interrupted", "message": "Every try was cut off."}
        refused = {"refused": str(cause.refused)} if cause and cause.refused else {}
        await self._steps.fail(key, error | refused)
        self._note(key.step, f"Given up: {error['message']}", "error", key.concept_id, code=error["code"])
        return StepFailedError(error)

    def _note(self, step: str, message: str, level: Level, concept_id: str = "", **data: Any) -> None:
        category: Category = "provider" if level != "info" else "progress"
        self._emit(
            Event(
                request_id=self._id,
                step=step,
                message=message,
                level=level,
                category=category,
                concept_id=concept_id,
                data=data,
            )
        )


def _to_keep(value: StructuredOutput) -> tuple[dict[str, Any], dict[str, str] | None]:
    """The stored form of an answer, and its names."""
    return framework.to_store(value) if isinstance(value, Curriculum) else (value.model_dump(), None)


def _pause(error: ProviderError, attempt: int) -> float:
    """Seconds until the next try: what the provider asked for, else exponential backoff with full jitter."""
    if error.retry_after is not None:
        return error.retry_after
    longest = min(BACKOFF_SECONDS * 2.0 ** (attempt - 1), MAX_BACKOFF_SECONDS)
    return longest * random.uniform(0.5, 1)  # noqa: S311 - no secret
