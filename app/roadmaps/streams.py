"""The followers of roadmaps' logs, with one query of the database for all of them.

A process queries four times a second, over one connection, however many streams are open; without a stream it does not query.
"""

import asyncio
import logging
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, bindparam, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.core import database_trouble, sessions
from app.core.security import TokenClaims
from app.roadmaps import states
from app.roadmaps.log_views import Position, Seen
from app.schemas.roadmap import LogView

log = logging.getLogger(__name__)
POLL_SECONDS = 0.25
SIGNED_IN_SECONDS = 1.0  # longest time that a stream outlives its session, while the database answers
MOST_AT_ONCE = 50  # events of one log in one query
_WANTED = """
unnest(:ids, :places, :transactions, :numbers) WITH ORDINALITY AS wanted(id, place, transaction_id, number, ordinal)
"""
_FOLLOWING = """
SELECT * FROM execution_logs AS l
WHERE l.request_id = wanted.id
  AND (l.position, l.transaction_id, l.number) > (wanted.place, wanted.transaction_id, wanted.number)
ORDER BY l.position, l.transaction_id, l.number
"""
_ARRAYS = (
    bindparam("ids", type_=ARRAY(Uuid)),
    *(bindparam(name, type_=ARRAY(BigInteger)) for name in ("places", "transactions", "numbers")),
)
_NEW = text(
    f"SELECT wanted.ordinal, event.* FROM {_WANTED} CROSS JOIN LATERAL ({_FOLLOWING} LIMIT :most) AS event"  # noqa: S608 - ours
).bindparams(*_ARRAYS)
_OVER = text(f"""
SELECT wanted.ordinal FROM {_WANTED}
WHERE NOT EXISTS (SELECT FROM roadmap_requests AS r WHERE r.id = wanted.id AND r.{states.IS_OPEN})
  AND NOT EXISTS (SELECT FROM outbox AS o WHERE o.request_id = wanted.id)
  AND NOT EXISTS ({_FOLLOWING})
""").bindparams(*_ARRAYS)  # noqa: S608 - of our own words alone
_Place = tuple[UUID, Position]


class TooManyStreamsError(Exception):
    """The user already has the allowed number of streams in this process."""


class Follower:
    """One stream.

    Args:
        claims: of the token that opened it; the stream ends with the token.
        roadmap_id: of the followed log.
        position: in the log, after which it continues.
    """

    def __init__(self, claims: TokenClaims, roadmap_id: UUID, position: Position) -> None:
        self.claims = claims
        self.place: _Place = (roadmap_id, position)
        self.over = False  # whether no further event can follow
        self._ended = False
        self._found: asyncio.Queue[Sequence[Seen] | None] = asyncio.Queue()

    @property
    def user_id(self) -> UUID:
        """The stream's user."""
        return self.claims.user_id

    @property
    def waits(self) -> bool:
        """Whether it has sent all events that were found for it: nothing is read in advance for a slow client."""
        return self._found.empty()

    def give(self, found: Sequence[Seen]) -> None:
        """Take the events that became visible since."""
        self.place = (self.place[0], found[-1].position)
        self._found.put_nowait(found)

    def end(self, *, over: bool) -> None:
        """End the stream: no event follows, or the client may see none any more. The first reason counts."""
        if not self._ended:
            self._ended, self.over = True, over
            self._found.put_nowait(None)

    async def batches(self, seconds: float) -> AsyncIterator[Sequence[Seen]]:
        """Yield the events that become visible, in order, until the stream ends; an empty batch after so many seconds without one."""
        while True:
            found: Sequence[Seen] | None = ()
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    found = await self._found.get()
            if found is None:
                return
            yield found


class Streams:
    """All streams of one process. Belongs to its event loop."""

    def __init__(self) -> None:
        self._followers: set[Follower] = set()
        self._of_user: Counter[UUID] = Counter()
        self._looking: asyncio.Task[None] | None = None

    def admit(self, user_id: UUID, most: int) -> None:
        """Check that this user may open another stream in this process.

        Args:
            user_id: of the user.
            most: streams that the user may have here.

        Raises:
            TooManyStreamsError: he has so many.
        """
        if self._of_user[user_id] >= most:
            raise TooManyStreamsError

    def join(self, engine: AsyncEngine, follower: Follower, most: int) -> None:
        """Begin to look for this follower's events; the caller must call `leave` later.

        Args:
            engine: of the database.
            follower: new.
            most: streams that its user may have here.

        Raises:
            TooManyStreamsError: he has so many.
        """
        self.admit(follower.user_id, most)
        self._of_user[follower.user_id] += 1
        self._followers.add(follower)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_again_and_again(engine))

    def leave(self, follower: Follower) -> None:
        """The stream has ended, or its client has gone."""
        self._followers.discard(follower)
        self._of_user[follower.user_id] -= 1
        self._of_user += Counter()  # removes users without a stream

    async def _look_again_and_again(self, engine: AsyncEngine) -> None:
        away, looked = False, time.monotonic()
        while self._followers:
            self._end_expired()
            try:
                async with engine.connect() as connection:
                    gone: set[TokenClaims] = set()
                    if (now := time.monotonic()) >= looked + SIGNED_IN_SECONDS:
                        gone = await sessions.ended(connection, list({one.claims for one in self._followers}))
                        looked = now
                    await self._look(connection)
                    self._end_of(gone)
                away = False
            except (OSError, SQLAlchemyError) as error:
                if not database_trouble.passes(error):
                    self._give_up(error)
                    return
                if not away:
                    database_trouble.tell(log, "streams stand still", error)
                away = True
            await asyncio.sleep(POLL_SECONDS)

    def _give_up(self, error: Exception) -> None:
        """End all streams after our own error: no client must wait for events that will not come."""
        database_trouble.tell(log, "streams were ended, their clients will come back", error)
        for follower in self._followers:
            follower.end(over=False)

    def _end_expired(self) -> None:
        """End the streams of expired tokens, even while the database is away."""
        self._end_of({one.claims for one in self._followers if one.claims.expired})

    def _end_of(self, gone: AbstractSet[TokenClaims]) -> None:
        """End the streams of ended sessions without a last event: the roadmap goes on, and its owner can log in again and follow it."""
        for follower in self._followers:
            if follower.claims in gone:
                follower.end(over=False)

    async def _look(self, connection: AsyncConnection) -> None:
        places: dict[_Place, list[Follower]] = defaultdict(list)
        for follower in self._followers:
            if follower.waits:
                places[follower.place].append(follower)
        found = await _new(connection, list(places))
        for place, events in found.items():
            for follower in places.pop(place):
                follower.give(events)
        for place in await _over(connection, list(places)):
            for follower in places[place]:
                follower.end(over=True)


async def _new(connection: AsyncConnection, places: Sequence[_Place]) -> Mapping[_Place, list[Seen]]:
    found: dict[_Place, list[Seen]] = defaultdict(list)
    if places:
        for row in await connection.execute(_NEW, _wanted(places) | {"most": MOST_AT_ONCE}):
            position = Position(row.position, row.transaction_id, row.number)
            event = LogView.model_validate(row, from_attributes=True)
            found[places[row.ordinal - 1]].append(Seen(position, event))
    return found


async def _over(connection: AsyncConnection, places: Sequence[_Place]) -> list[_Place]:
    if not places:
        return []
    return [places[ordinal - 1] for ordinal in await connection.scalars(_OVER, _wanted(places))]


def _wanted(places: Sequence[_Place]) -> dict[str, list[object]]:
    return {
        "ids": [roadmap_id for roadmap_id, _ in places],
        "places": [position.place for _, position in places],
        "transactions": [position.transaction_id for _, position in places],
        "numbers": [position.number for _, position in places],
    }
