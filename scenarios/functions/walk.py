"""What the state walk walks over: ways in which a roadmap may stand, what may happen to it, and who moves it on."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.security import TokenClaims
from app.models import generation_steps, roadmaps
from app.roadmaps import control, ending, lease, overview, queues, states
from app.roadmaps.acceptance import lock_user
from app.roadmaps.answer import Cost, ProviderError
from app.roadmaps.lease import Claim, LeaseLostError
from app.roadmaps.pipeline import Generated
from app.roadmaps.prices import Prices
from app.roadmaps.steps import StepKey, Steps
from app.schemas.content import Curriculum
from app.schemas.overview import Overview
from app.tests.memory import INTENT, ScriptedProvider
from scenarios.functions.product import Product
from scenarios.material import curriculum

FOR_EVER = datetime(9000, 1, 1, tzinfo=UTC)
BRIEF_SECONDS = 0.05  # of an attempt that is too slow
REASON = {"code": "a_test", "message": "A test ends it."}
REFUSED = ProviderError("refused", "The provider declined to write this.", transient=False)
SMALL = curriculum("ownership")
MOST_MOVES = 12  # what is due is sent again, claimed and given up, three times over


class KilledError(BaseException):
    """The worker's process is gone: nothing of it is run any more."""


class Small(ScriptedProvider):
    """Writes roadmaps of one concept, and refuses to write this step of it, if any."""

    def __init__(self, refuses: str = "") -> None:
        def script(key: str, _: int) -> dict[str, Any] | ProviderError | None:
            if key.partition("/")[0] == refuses:
                return REFUSED
            return SMALL if key == "curriculum/-" else None

        super().__init__(script)


class Hanging(Small):
    """Answers some calls, then never again."""

    def __init__(self, answers: int = 0) -> None:
        super().__init__()
        self._answers = answers
        self.asked = asyncio.Event()

    async def ask(self, messages, output, correlation):
        if sum(self.calls.values()) >= self._answers:
            self.asked.set()
            await asyncio.Event().wait()
        return await super().ask(messages, output, correlation)


class Raising(Small):
    """Answers some calls, then raises; or at this step only."""

    def __init__(self, error: BaseException, answers: int = 0, at: str = "") -> None:
        super().__init__()
        self._error = error
        self._answers = answers
        self._at = at

    async def ask(self, messages, output, correlation):
        if f"/{self._at}/" in correlation if self._at else sum(self.calls.values()) >= self._answers:
            raise self._error
        return await super().ask(messages, output, correlation)


@dataclass(slots=True)
class Standing:
    """A roadmap in some state.

    Args:
        product: where it is.
        owner: whose it is.
        id: of it.
        held: the newest claim that was given to it; None where nobody has had it.
    """

    product: Product
    owner: TokenClaims
    id: UUID
    held: Claim | None = None

    async def claim(self) -> None:
        """As a worker does that is then not heard of again."""
        assert await self.try_to_claim()

    async def try_to_claim(self) -> bool:
        """Whether it could be claimed."""
        settings = self.product.settings
        limit = timedelta(seconds=settings.lease_seconds)
        async with self.product.engine.begin() as connection:
            claimed = await lease.claim(connection, self.id, limit, settings.generation_max_attempts)
        self.held = claimed or self.held
        return claimed is not None

    async def hand_back(self) -> None:
        """As a worker of an earlier release did, whatever the attempt's number."""
        assert self.held is not None
        async with self.product.engine.begin() as connection:
            await lease.release(connection, self.held, counted=True)

    async def lease_over(self) -> None:
        await self.product.let_pass(self.id, self.product.settings.lease_seconds + 1)

    async def holder(self) -> Claim:
        """The newest claim, be it one that nobody was ever given."""
        if self.held is not None:
            return self.held
        row = await self.product.row(self.id)
        return Claim(self.id, self.owner.user_id, 1, row.fence if row else 0, {"topic": "Rust"})

    async def stale(self) -> Claim:
        """The claim before the one that the row knows."""
        row = await self.product.row(self.id)
        return Claim(self.id, self.owner.user_id, 1, row.fence - 1, {"topic": "Rust"})

    async def attempt(self, provider: ScriptedProvider | None = None, **changed: Any) -> None:
        """A message comes to a worker; what becomes of its task is logged and forgotten, as Celery does."""
        worker = self.product.other(**changed) if changed else self.product
        with contextlib.suppress(Exception, KilledError):
            await worker.generator(provider or Small()).attempt(self.id)


# ------------------------------------------------------------------------------------------ how a roadmap may stand


async def _queued(_: Standing) -> None:
    """It was accepted."""


async def _given_back(it: Standing) -> None:
    await it.claim()
    await it.hand_back()


async def _never_due(it: Standing) -> None:
    await it.product.change(it.id, dispatches=1000, next_dispatch_at=FOR_EVER)


async def _queued_used_up(it: Standing) -> None:
    for _ in range(it.product.settings.generation_max_attempts):
        await _given_back(it)


async def _queued_beyond(it: Standing) -> None:
    await it.product.change(it.id, attempt=100)


async def _running(it: Standing) -> None:
    await it.claim()


async def _running_last(it: Standing) -> None:
    for _ in range(it.product.settings.generation_max_attempts - 1):
        await _given_back(it)
    await it.claim()


async def _running_with_steps(it: Standing) -> None:
    await it.claim()
    steps = await _steps(it)
    key = StepKey("intent")
    await steps.begin(key)
    await steps.complete(key, INTENT, Cost(1, 1))


async def _lease_over(it: Standing) -> None:
    await it.claim()
    await it.lease_over()


async def _lease_over_used_up(it: Standing) -> None:
    await _running_last(it)
    await it.lease_over()


async def _no_lease(it: Standing) -> None:
    await it.claim()
    await it.product.change(it.id, lease_until=None)


async def _lease_for_ever(it: Standing) -> None:
    await it.claim()
    await it.product.change(it.id, lease_until=FOR_EVER, next_dispatch_at=FOR_EVER)


async def _no_lease_used_up(it: Standing) -> None:
    await _running_last(it)
    await it.product.change(it.id, lease_until=None, next_dispatch_at=FOR_EVER)


async def _completed(it: Standing) -> None:
    await it.attempt()


async def _partially_completed(it: Standing) -> None:
    await it.attempt(Small(refuses="quiz"))


async def _failed(it: Standing) -> None:
    await it.attempt(Small(refuses="intent"))


async def _cancelled(it: Standing) -> None:
    await _given_back(it)
    await it.claim()
    await cancel(it)


STANDINGS: Mapping[str, Callable[[Standing], Awaitable[None]]] = {
    "queued": _queued,
    "queued, given back": _given_back,
    "queued, never due": _never_due,
    "queued, used up": _queued_used_up,
    "queued, beyond its attempts": _queued_beyond,
    "running": _running,
    "running, the last attempt": _running_last,
    "running, with a step paid for": _running_with_steps,
    "running, lease over": _lease_over,
    "running, lease over, used up": _lease_over_used_up,
    "running, no lease": _no_lease,
    "running, no lease, used up": _no_lease_used_up,
    "running, lease for ever": _lease_for_ever,
    "completed": _completed,
    "partially_completed": _partially_completed,
    "failed": _failed,
    "cancelled": _cancelled,
}


async def standing(product: Product, name: str) -> Standing:
    """A roadmap that stands so; its status is the name's first word."""
    owner = await product.user()
    made = Standing(product, owner, await product.accept(owner))
    await STANDINGS[name](made)
    row = await product.row(made.id)
    assert row.status == name.partition(",")[0]
    product.published.messages.clear()
    return made


async def everything(product: Product, roadmap: UUID) -> tuple[Any, ...]:
    """The row and whatever hangs on it: its steps, what came of it, and its events."""
    row = await product.row(roadmap)
    async with product.engine.connect() as connection:
        tables = [
            (await connection.execute(select(table).where(column == roadmap))).all()
            for table, column in (
                (generation_steps, generation_steps.c.request_id),
                (roadmaps, roadmaps.c.id),
            )
        ]
    return row, *tables, await product.events(roadmap)


class NoRedis(Redis):
    """One that is away, and says so at once."""

    async def llen(self, name: str) -> int:
        raise ConnectionError(name)


async def counted(product: Product) -> Overview:
    """The service in numbers."""
    async with product.engine.connect() as connection, NoRedis() as nobody:
        return await overview.overview(connection, nobody, product.settings)


# ------------------------------------------------------------------------------------------ what may happen to it


async def cancel(it: Standing) -> None:
    with contextlib.suppress(control.WrongStateError):
        async with it.product.engine.begin() as connection:
            await control.cancel(connection, it.id, it.owner.user_id, it.product.grace)


async def retry(it: Standing) -> None:
    with contextlib.suppress(control.WrongStateError):
        async with it.product.engine.begin() as connection:
            assert await lock_user(connection, it.owner.user_id, it.owner.version)
            await control.retry(connection, it.id, it.owner.user_id, it.product.grace, quota=20)


async def delete(it: Standing) -> None:
    async with it.product.engine.begin() as connection:
        assert await control.remove(connection, it.id, it.owner.user_id)


async def _sweep(it: Standing, **changed: Any) -> None:
    await it.product.other(**changed).sweeper().sweep()


async def _stopped(it: Standing) -> None:
    provider = Hanging(answers=1)
    at_work = asyncio.create_task(it.product.generator(provider).attempt(it.id))
    asked = asyncio.create_task(provider.asked.wait())
    await asyncio.wait([at_work, asked], return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    at_work.cancel()
    await asyncio.wait([at_work])


async def _twice(it: Standing) -> None:
    await asyncio.gather(it.attempt(), it.attempt())
    await it.attempt()


async def _passes(it: Standing, seconds: float) -> None:
    await it.product.let_pass(it.id, seconds)


async def _write(it: Standing, write: "Write") -> None:
    """Of who holds it, or has held it last."""
    with contextlib.suppress(LeaseLostError):
        await write(it.product, await it.holder())


# ------------------------------------------------------------------------------------------ what a holder may write

Write = Callable[[Product, Claim], Awaitable[Any]]


def _in_a_transaction(write: Callable[[AsyncConnection, Claim], Awaitable[Any]]) -> Write:
    async def run(product: Product, claim: Claim) -> None:
        async with product.engine.begin() as connection:
            await write(connection, claim)

    return run


def _on_a_step(write: Callable[[Steps], Awaitable[Any]]) -> Write:
    async def run(product: Product, claim: Claim) -> None:
        await write(Steps(product.engine, claim, 3, Prices.of(product.settings)))

    return run


async def _steps(it: Standing) -> Steps:
    return Steps(it.product.engine, await it.holder(), 3, Prices.of(it.product.settings))


SOME = timedelta(seconds=60)
STEP = StepKey("intent")
GENERATED = Generated(Curriculum.model_validate(SMALL))
OF_THE_REQUEST: Mapping[str, Write] = {
    "heartbeat": _in_a_transaction(lambda to, claim: lease.heartbeat(to, claim, SOME)),
    "note a step": _in_a_transaction(lambda to, claim: lease.note_step(to, claim, "content")),
    "release, counted": _in_a_transaction(lambda to, claim: lease.release(to, claim, counted=True)),
    "release, not counted": _in_a_transaction(lambda to, claim: lease.release(to, claim, counted=False)),
    "end": _in_a_transaction(lambda to, claim: lease.end(to, claim, states.FAILED, REASON)),
    "complete": _in_a_transaction(lambda to, claim: ending.complete(to, claim, GENERATED, SOME, 0)),
    "fail": _in_a_transaction(lambda to, claim: ending.fail(to, claim, REASON, SOME, 0)),
}
OF_ITS_STEPS: Mapping[str, Write] = {
    "begin a call": _on_a_step(lambda steps: steps.begin(STEP)),
    "complete a step": _on_a_step(lambda steps: steps.complete(STEP, {"it": "was late"}, Cost(7, 7))),
    "pay": _on_a_step(lambda steps: steps.pay(STEP, Cost(7, 7))),
    "fail a step": _on_a_step(lambda steps: steps.fail(STEP, REASON)),
    "give a call back": _on_a_step(lambda steps: steps.give_back(STEP)),
}
WRITES: Mapping[str, Write] = {**OF_THE_REQUEST, **OF_ITS_STEPS}

EVENTS: Mapping[str, Callable[[Standing], Awaitable[None]]] = {
    "message": lambda it: it.attempt(),
    "message, an exception": lambda it: it.attempt(Raising(RuntimeError("ours"))),
    "message, an exception after a step": lambda it: it.attempt(Raising(RuntimeError("ours"), answers=1)),
    "message, too slow": lambda it: it.attempt(Hanging(), generation_timeout_seconds=BRIEF_SECONDS),
    "message, stopped": _stopped,
    "message, killed": lambda it: it.attempt(Raising(KilledError(), answers=1)),
    "message, refused": _failed,
    "message, a part refused": _partially_completed,
    "message, three times": _twice,
    "message, to a worker of one attempt": lambda it: it.attempt(
        Raising(KilledError()), generation_max_attempts=1
    ),
    "message, to a worker of ten attempts": lambda it: it.attempt(
        Raising(KilledError()), generation_max_attempts=10
    ),
    "sweep": _sweep,
    "sweep, of one attempt": lambda it: _sweep(it, generation_max_attempts=1),
    "sweep, of ten attempts": lambda it: _sweep(it, generation_max_attempts=10),
    "a lease passes": lambda it: _passes(it, 61),
    "a day passes": lambda it: _passes(it, 86400),
    **{f"holder: {name}": partial(_write, write=write) for name, write in OF_THE_REQUEST.items()},
}
OWNERS_EVENTS: Mapping[str, Callable[[Standing], Awaitable[None]]] = {
    "cancel": cancel,
    "retry": retry,
    "delete": delete,
}

# ------------------------------------------------------------------------------------------ who moves it on

WORKERS: Mapping[str, Callable[[Standing], Awaitable[None]]] = {
    "sound": lambda it: it.attempt(),
    "raises": lambda it: it.attempt(Raising(RuntimeError("ours"))),
    "too slow": lambda it: it.attempt(Hanging(), generation_timeout_seconds=BRIEF_SECONDS),
    "killed": lambda it: it.attempt(Raising(KilledError())),
    "killed after each step": lambda it: it.attempt(Raising(KilledError(), answers=1)),
    "raises after each step": lambda it: it.attempt(Raising(RuntimeError("ours"), answers=1)),
    "raises at one step": lambda it: it.attempt(Raising(RuntimeError("ours"), at="quiz")),
    "of fewer attempts": lambda it: it.attempt(Raising(KilledError()), generation_max_attempts=2),
    "of more attempts": lambda it: it.attempt(Raising(KilledError()), generation_max_attempts=5),
}


async def settle(it: Standing, worker: str = "sound") -> int:
    """Let whoever is named move the roadmap, at the time that is named, until it has ended.

    Args:
        it: the roadmap.
        worker: of WORKERS: who takes what is published.

    Returns:
        How many moves it took.
    """
    product = it.product
    for move in range(MOST_MOVES):
        row = await product.row(it.id)
        if row is None or row.status in states.ENDED:
            await _rests(it)
            return move
        for column in states.STATES[row.status].moved_at:
            await _let_it_come(it, getattr(row, column))
        swept = await product.sweeper().sweep()
        assert it.id in swept.republished or it.id in swept.ended, f"nobody moves it: {row}"
        if it.id in swept.republished:
            await WORKERS[worker](it)
    raise AssertionError(f"it goes on and on: {await product.row(it.id)}")


async def _let_it_come(it: Standing, moment: datetime | None) -> None:
    """Let time pass until this moment. One that is none, or further away than any that the program writes, has come."""
    async with it.product.engine.connect() as connection:
        now = await connection.scalar(select(func.clock_timestamp()))
    seconds = (moment - now).total_seconds() if moment else 0.0
    if seconds < states.LONGEST_LEASE_SECONDS:
        await it.product.let_pass(it.id, max(0.0, seconds) + 0.001)


async def _rests(it: Standing) -> None:
    """Nothing waits, nothing counts against the quota, and a sweep has nothing to do for it."""
    async with it.product.engine.connect() as connection:
        found = {queue.name: queue for queue in await queues.states(connection, it.product.settings)}
    assert found["content"].waiting is None
    await it.product.other(max_roadmaps_in_the_making=1).accept(it.owner)
