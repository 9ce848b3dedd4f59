"""What was asked of the provider, and what it answered: rows that outlive the worker that paid for them."""

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
    """One thing to ask: a step of the pipeline, for one concept or ('') for the whole roadmap."""

    step: str
    concept_id: str = ""

    def correlation(self, roadmap_id: UUID, attempt: int) -> str:
        """By which the provider's records and ours are joined: four parts of ASCII, also where an id is an older release's."""
        return f"{roadmap_id}/{self.step}/{quote(self.concept_id, safe='') or '-'}/{attempt}"


@dataclass(frozen=True, slots=True)
class Known:
    """A step that has come to an end.

    Args:
        output: of one that was written.
        error: of one that was not.
        names: of a curriculum, see app.roadmaps.framework.
    """

    output: dict[str, Any] | None
    error: dict[str, Any] | None = None
    names: dict[str, str] | None = None


MOST_COUNTED = 2**31 - 1  # what an integer of PostgreSQL holds
MOST_DOLLARS = Decimal("999999.999999")  # what a numeric(12, 6) holds


def at_most(column: ColumnElement[Any], more: Any) -> ColumnElement[Any]:
    """Column and more added up, or as much as such a column holds: no sum of what a provider says it is owed fails a write."""
    if isinstance(column.type, Integer):
        return cast(func.least(cast(column, BigInteger) + more, MOST_COUNTED), Integer)
    return func.least(column + more, MOST_DOLLARS)


class AttemptsUsedUpError(Exception):
    """The step has been asked as often as it may be."""


class Steps:
    """The steps of one claimed roadmap. Each write shows the claim's fence; what a call has cost is its owner's to pay without it.

    Args:
        engine: of the database.
        claim: ours.
        max_attempts: calls for one step.
        prices: of tokens.
        budget: of a day; without end by default.
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
        self.got_on = False  # whether a call came to an end of its own: each step has only so many

    async def ended(self) -> dict[StepKey, Known]:
        """What need not be asked again."""
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
        """Keep an answer and what it cost; of a curriculum also its names.

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
        """A call came to its end without an answer that can be used: write down what it has cost.

        Raises:
            LeaseLostError: the claim is no longer ours.
        """
        if cost:
            await self._write(key, cost)
        self.got_on = True

    async def book(self) -> None:
        """A call was cut off, or its answer did not tell what it cost: its owner's day has the most that it may have been.

        The roadmap's own cost has only what was told.
        """
        async with self._engine.begin() as connection:
            await spend(connection, self._claim.user_id, min(self._budget.a_call, MOST_DOLLARS))

    async def fail(self, key: StepKey, error: Mapping[str, Any]) -> None:
        """Say that there will be no answer, and why; what of our account was refused is ours alone, and no part of the reason.

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
        """A call that was cut off by our own stop does not count.

        Raises:
            LeaseLostError: the claim is no longer ours.
        """
        await self._write(key, attempts=steps.c.attempts - 1)

    def _paid(self, cost: Cost) -> dict[str, Any]:
        dollars = min(self._prices.of_tokens(cost), MOST_DOLLARS)  # a parameter is of the column's type
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
            if cost:  # whatever the fence says: else who cancels or deletes in time has no budget
                dollars = min(self._prices.of_tokens(cost), MOST_DOLLARS)
                await spend(connection, self._claim.user_id, dollars)
        if written.rowcount == 0:
            raise LeaseLostError(f"roadmap {self._claim.id}: {key} was not written")

    async def _still_mine(self, connection: AsyncConnection) -> None:
        if await connection.scalar(select(requests.c.id).where(self._claim.held())) is None:
            raise LeaseLostError(
                f"fence {self._claim.fence} of roadmap {self._claim.id} is no longer the newest"
            )
