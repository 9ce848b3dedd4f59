"""Limits the provider's cost on a day, for each user and for all together; a day is UTC's, and begins with full budgets.

Once a budget is spent, new roadmaps are refused, and so is each call for an unfinished one: only the calls that are under way at that
moment exceed the budget. A call of unknown cost counts with the most that it may have cost.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Date, Numeric, bindparam, cast, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.settings import Settings
from app.models import provider_spending as spending
from app.roadmaps import states
from app.roadmaps.answer import Cost
from app.roadmaps.output_limit import most_tokens
from app.roadmaps.prices import Prices

TODAY = cast(func.timezone("UTC", func.clock_timestamp()), Date)
MOST_DOLLARS = Decimal(10**11)  # the column's limit
LONGEST_PROMPT = 16_384  # tokens: several times the longest prompt of our steps
# For the steps of a lost worker: each may have had one call under way, and none had more.
_LOST = text(f"""
INSERT INTO provider_spending AS known (day, user_id, calls, cost_usd)
SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date, r.user_id, count(*), least(count(*) * :dollars, :most)
FROM generation_steps AS s JOIN roadmap_requests AS r ON r.id = s.request_id
WHERE r.id = :roadmap_id AND s.status = {states.RUNNING!r} AND s.attempts > 0
GROUP BY r.user_id
ON CONFLICT (day, user_id) DO UPDATE
SET calls = known.calls + excluded.calls, cost_usd = least(known.cost_usd + excluded.cost_usd, :most)
""").bindparams(bindparam("dollars", type_=Numeric), bindparam("most", MOST_DOLLARS, type_=Numeric))  # noqa: S608 - of our own words alone


class BudgetSpentError(Exception):
    """There is no money left for today. Args: a sentence for who asked."""


@dataclass(frozen=True, slots=True)
class Budget:
    """US dollars a day; 0 is no limit.

    Args:
        user: of each user.
        service: of all users together.
        a_call: the most that one call may cost.
    """

    user: Decimal = Decimal(0)
    service: Decimal = Decimal(0)
    a_call: Decimal = Decimal(0)

    @classmethod
    def of(cls, settings: Settings) -> "Budget":
        """The budget that the settings name."""
        return cls(
            Decimal(str(settings.openai_daily_budget_per_user_usd)),
            Decimal(str(settings.openai_daily_budget_usd)),
            _of_a_call(settings),
        )

    async def check(self, connection: AsyncConnection, user_id: UUID) -> None:
        """Return if there is budget left.

        Raises:
            BudgetSpentError: there is none.
        """
        if not self.user and not self.service:
            return
        cost = spending.c.cost_usd
        own, all_ = func.sum(cost).filter(spending.c.user_id == user_id), func.sum(cost)
        query = select(func.coalesce(own, 0), func.coalesce(all_, 0)).where(spending.c.day == TODAY)
        by_user, by_all = (await connection.execute(query)).one()
        if self.user and by_user >= self.user:
            raise of_user()
        if self.service and by_all >= self.service:
            raise of_service()


def _of_a_call(settings: Settings) -> Decimal:
    most = most_tokens(settings.openai_model, settings.openai_max_output_tokens)
    return Prices.of(settings).of_tokens(Cost(max(most, LONGEST_PROMPT), most))


def of_user() -> BudgetSpentError:
    """The error if the user's budget is spent."""
    return BudgetSpentError("Your budget for today is spent; try again tomorrow (UTC).")


def of_service() -> BudgetSpentError:
    """The error if the service's budget is spent."""
    return BudgetSpentError("The service has spent its budget for today; try again tomorrow (UTC).")


def seconds_left(now: datetime | None = None) -> int:
    """Seconds until the next day begins."""
    now = now or datetime.now(UTC)
    tomorrow = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), UTC)
    return int((tomorrow - now).total_seconds()) + 1


async def spend(connection: AsyncConnection, user_id: UUID, dollars: Decimal) -> None:
    """Record the cost of a call.

    Args:
        connection: inside the transaction that keeps its answer, if the roadmap still exists.
        user_id: who pays; even a deleted account's spending counts for the service.
        dollars: not more than a step's column holds.
    """
    row = insert(spending).values(day=TODAY, user_id=user_id, calls=1, cost_usd=dollars)
    more = {
        "calls": spending.c.calls + 1,
        "cost_usd": func.least(spending.c.cost_usd + row.excluded.cost_usd, MOST_DOLLARS),
    }
    await connection.execute(row.on_conflict_do_update(index_elements=["day", "user_id"], set_=more))


async def spend_lost(connection: AsyncConnection, roadmap_id: UUID, a_call: Decimal) -> None:
    """Record what the unfinished calls of a roadmap's lost worker may have cost.

    Args:
        connection: inside the transaction that takes the roadmap over, or ends it.
        roadmap_id: of the roadmap whose worker fell silent.
        a_call: the most that one call may cost, in US dollars.
    """
    await connection.execute(_LOST, {"roadmap_id": roadmap_id, "dollars": a_call})
