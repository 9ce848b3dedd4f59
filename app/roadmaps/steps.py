"""The questions to the provider and its answers: rows that outlive the worker that paid for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Integer, cast, func, literal, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.models import generation_steps as steps
from app.models import roadmap_requests as requests
from app.roadmaps import states
from app.roadmaps.answer import Cost
from app.roadmaps.budget import Budget, BudgetSpentError, spend
from app.roadmaps.lease import Claim, LeaseLostError
from app.roadmaps.prices import Prices


@dataclass(frozen=True, slots=True)
class StepKey:
    """One question: a step of the pipeline, for one concept or ('') for the whole roadmap."""

    step: str
    concept_id: str = ""

    def correlation(self, roadmap_id: UUID, attempt: int) -> str:
        """The id that joins the provider's records and ours: four parts of ASCII, even with an older release's concept id."""
        return f"{roadmap_id}/{self.step}/{quote(self.concept_id, safe='') or '-'}/{attempt}"


@dataclass(frozen=True, slots=True)
class Known:
    """A step that has ended.

    Args:
        output: of a completed step.
        error: of a failed step.
        names: of a curriculum, see app.roadmaps.framework.
    """

    output: dict[str, Any] | None
    error: dict[str, Any] | None = None
    names: dict[str, str] | None = None


MOST_COUNTED = 2**31 - 1  # the largest integer of PostgreSQL
MOST_DOLLARS = Decimal("999999.999999")  # the largest numeric(12, 6)


def at_most(column: ColumnElement[Any], more: Any) -> ColumnElement[Any]:
    """The sum of column and more, limited to the column's largest value, so that no amount that a provider names makes a write fail."""
    if isinstance(column.type, Integer):
        return cast(func.least(cast(column, BigInteger) + more, MOST_COUNTED), Integer)
    return func.least(column + more, MOST_DOLLARS)


class AttemptsUsedUpError(Exception):
    """The step has been asked as often as it may be."""


class Steps:
    """The steps of one claimed roadmap. Each write shows the claim's fence, except for the cost of a call, which its owner always pays.

    Args:
        engine: of the database.
        claim: our claim.
        max_attempts: calls for one step.
        prices: of tokens.
        budget: of a day; no limit by default.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        claim: Claim,
        max_attempts: int,
        prices: Prices,
        budget: Budget = Budget(),  # noqa: B008 - frozen
    ) -> None:
        self._engine = engine
        self._claim = claim
        self._max_attempts = max_attempts
        self._prices = prices
        self._budget = budget
        self.got_on = False  # whether a call has finished; each step has a limited number of calls

    async def ended(self) -> dict[StepKey, Known]:
        """The steps that need not be asked again."""
        columns = steps.c.step, steps.c.concept_id, steps.c.output, steps.c.error, steps.c.names
        query = select(*columns).where(steps.c.request_id == self._claim.id, steps.c.status != states.RUNNING)
        async with self._engine.connect() as connection:
            rows = await connection.execute(query)
        return {StepKey(row.step, row.concept_id): Known(row.output, row.error, row.names) for row in rows}

    async def begin(self, key: StepKey) -> int:
        """Count a call before it is made.

        Returns:
            Its number, from 1, over all attempts at the roadmap.

        Raises:
            AttemptsUsedUpError: it was the last one allowed.
            BudgetSpentError: there is no money left for it; it is not counted.
            LeaseLostError: the claim is no longer ours.
        """
        mine = select(requests.c.id, literal(key.step), literal(key.concept_id)).where(self._claim.held())
        count = (
            insert(steps)
            .from_select(["request_id", "step", "concept_id"], mine.with_for_update(read=True))
            .on_conflict_do_update(
                index_elements=["request_id", "step", "concept_id"],
                set_={"attempts": steps.c.attempts + 1, "status": states.RUNNING},
                where=steps.c.attempts < self._max_attempts,
            )
            .returning(steps.c.attempts)
        )
        async with self._engine.begin() as connection:
            number: int | None = await connection.scalar(count)
            if number is None:
                await self._still_mine(connection)
                raise AttemptsUsedUpError(key.step)
            spent = await self._spent(connection)
        if spent is not None:
            await self.give_back(key)
            raise spent
        return number

    async def _spent(self, connection: AsyncConnection) -> BudgetSpentError | None:
        try:
            await self._budget.check(connection, self._claim.user_id)
        except BudgetSpentError as error:
            return error
        return None

    async def complete(
        self, key: StepKey, output: Mapping[str, Any], cost: Cost, names: Mapping[str, str] | None = None
    ) -> None:
        """Store an answer and its cost; of a curriculum also the names.

        Raises:
            LeaseLostError: the claim is no longer ours.
        """
        await self._write(
            key,
            cost,
            status=states.COMPLETED,
            output=dict(output),
            names=null() if names is None else dict(names),
            ended_at=func.clock_timestamp(),
        )
        self.got_on = True

    async def pay(self, key: StepKey, cost: Cost) -> None:
        """Record the cost of a call that finished without a usable answer.

        Raises:
            LeaseLostError: the claim is no longer ours.
        """
        if cost:
            await self._write(key, cost)
        self.got_on = True

    async def book(self) -> None:
        """Record a call of unknown cost, because it was cut off or its answer did not tell: the owner's day counts the most that it may be.

        The roadmap's own cost has only known costs.
        """
        async with self._engine.begin() as connection:
            await spend(connection, self._claim.user_id, min(self._budget.a_call, MOST_DOLLARS))

    async def fail(self, key: StepKey, error: Mapping[str, Any]) -> None:
        """Record that there will be no answer, and why; a refusal of our account is stored for us alone, and is no part of the reason.

        Raises:
            LeaseLostError: the claim is no longer ours.
        """
        shown = {name: value for name, value in error.items() if name != "refused"}
        await self._write(
            key,
            status=states.FAILED,
            error=shown,
            refused=error.get("refused"),
            ended_at=func.clock_timestamp(),
        )

    async def give_back(self, key: StepKey) -> None:
        """Uncount a call that was cut off by our own stop.

        Raises:
            LeaseLostError: the claim is no longer ours.
        """
        await self._write(key, attempts=steps.c.attempts - 1)

    def _paid(self, cost: Cost) -> dict[str, Any]:
        # the parameter has the column's type, and so its limit
        dollars = min(self._prices.of_tokens(cost), MOST_DOLLARS)
        return {
            "prompt_tokens": at_most(steps.c.prompt_tokens, cost.prompt_tokens),
            "completion_tokens": at_most(steps.c.completion_tokens, cost.completion_tokens),
            "cost_usd": at_most(steps.c.cost_usd, dollars),
        }

    async def _write(self, key: StepKey, cost: Cost | None = None, **values: Any) -> None:
        paid = self._paid(cost) if cost is not None else {}
        mine = (
            steps.c.request_id == self._claim.id,
            steps.c.step == key.step,
            steps.c.concept_id == key.concept_id,
            self._claim.held_elsewhere(),
        )
        async with self._engine.begin() as connection:
            written = await connection.execute(update(steps).where(*mine).values(**values, **paid))
            if cost:  # even without the fence: otherwise an owner who cancels or deletes in time would escape the budget
                dollars = min(self._prices.of_tokens(cost), MOST_DOLLARS)
                await spend(connection, self._claim.user_id, dollars)
        if written.rowcount == 0:
            raise LeaseLostError(f"roadmap {self._claim.id}: {key} was not written")

    async def _still_mine(self, connection: AsyncConnection) -> None:
        if await connection.scalar(select(requests.c.id).where(self._claim.held())) is None:
            raise LeaseLostError(
                f"fence {self._claim.fence} of roadmap {self._claim.id} is no longer the newest"
            )
