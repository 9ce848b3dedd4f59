"""The product's own functions, called in the test's process on a real PostgreSQL: no role runs, and nothing else changes a row.

A scenario shows what the roles do together, and takes seconds. To test every function in every state takes hundreds of cases; each takes
milliseconds here, and no result depends on timing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.batch_sender import Message
from app.core.database import create_engine
from app.core.publisher import Publisher
from app.core.security import TokenClaims
from app.core.settings import Settings, load_settings
from app.models import metadata, outbox, roadmap_requests, users
from app.roadmaps.acceptance import accept, body_of
from app.roadmaps.generation import Generator
from app.roadmaps.messages import GENERATE_TASK
from app.roadmaps.pipeline import Asks
from app.roadmaps.states import OPEN
from app.roadmaps.sweeper import Sweeper
from app.schemas.roadmap import RoadmapRequest
from harness.substrates.lone_postgres import lone_postgres
from scenarios.roadmaps.application import app

UNUSED = "127.0.0.1:9"  # the discard port: no request is sent there


@contextmanager
def database(label: str) -> Iterator[str]:
    """A PostgreSQL with the newest schema, for this session alone.

    Args:
        label: for its run's folder.

    Yields:
        Its address for SQLAlchemy.
    """
    with lone_postgres(label, app) as server:
        yield server.url("postgresql+asyncpg")


def settings_of(database_url: str, **changed: Any) -> Settings:
    """The settings of a content worker as in production, except for the given changes.

    Args:
        database_url: in SQLAlchemy's form; a unix socket, which no deployment has.
        changed: fields of the settings, by name. They are checked like a role's.
    """
    environment = {
        "SERVICE_TYPE": "celery_content",
        "ENVIRONMENT": "development",
        "DATABASE_URL": f"postgresql://unused@{UNUSED}/unused",
        "REDIS_URL": f"redis://{UNUSED}",
        "OPENAI_API_KEY": "unused",
        **{name.upper(): str(value) for name, value in changed.items()},
    }
    return load_settings(environment).model_copy(update={"database_url": database_url})


class Noted(Publisher):
    """A publisher that keeps its messages: nothing is sent unless the test does it."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def offer(self, message: Message) -> bool:
        self.messages.append(message)
        return True

    def about(self, roadmap_id: UUID) -> int:
        """How many messages ask for this roadmap to be generated."""
        wanted = str(roadmap_id)
        return sum(
            message.task == GENERATE_TASK and message.arguments["roadmap_id"] == wanted
            for message in self.messages
        )


@dataclass(slots=True)
class Product:
    """The arguments of the product's functions for a test, and the actions of the roles.

    Args:
        settings: see `settings_of`.
        engine: with the role's own limits; belongs to the test's loop.
        published: the published messages.
    """

    settings: Settings
    engine: AsyncEngine
    published: Noted = field(default_factory=Noted)

    @classmethod
    def on(cls, database_url: str, **changed: Any) -> "Product":
        """The product on this database; arguments as of `settings_of`."""
        settings = settings_of(database_url, **changed)
        return cls(settings, create_engine(settings))

    @property
    def grace(self) -> timedelta:
        return timedelta(seconds=self.settings.dispatch_grace_seconds)

    def other(self, **changed: Any) -> "Product":
        """The product of a role with other settings on the same database.

        Args:
            changed: fields of the settings, by name; not checked.
        """
        return Product(self.settings.model_copy(update=changed), self.engine, self.published)

    async def empty(self) -> None:
        """Empty the database."""
        async with self.engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                await connection.execute(delete(table))

    async def user(self) -> TokenClaims:
        """Make a user; returns the claims of a token."""
        made = uuid4()
        row = insert(users).values(
            id=made, email=f"{made}@example.com", username=str(made), password_hash="-"
        )
        async with self.engine.begin() as connection:
            await connection.execute(row)
        return TokenClaims(made, 0)

    async def accept(self, user: TokenClaims, topic: str = "Rust", **body: Any) -> UUID:
        """Accept a roadmap and publish its messages, like a POST.

        Args:
            user: the owner.
            topic: of the roadmap.
            body: further fields of the request.

        Returns:
            Its id.

        Raises:
            QuotaExceededError: the user has too many unfinished.
        """
        async with self.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            accepted = await accept(
                connection,
                claims=user,
                key=str(uuid4()),
                body=body_of(RoadmapRequest(topic=topic, **body)),
                grace=self.grace,
                quota=self.settings.max_roadmaps_in_the_making,
            )
        return accepted.id

    def generator(self, provider: Asks) -> Generator:
        """A content worker's generator: `await product.generator(provider).attempt(roadmap_id)`.

        Args:
            provider: answers; app.tests.memory has one that follows a script.
        """
        return Generator(self.settings, self.engine, provider, self.published)

    def sweeper(self) -> Sweeper:
        """An API process' sweeper: `await product.sweeper().sweep()`."""
        return Sweeper(self.engine, self.published, self.settings)

    async def row(self, roadmap_id: UUID) -> Row[Any] | None:
        """The stored request; None if there is none."""
        query = select(roadmap_requests).where(roadmap_requests.c.id == roadmap_id)
        async with self.engine.connect() as connection:
            return (await connection.execute(query)).one_or_none()

    async def change(self, roadmap_id: UUID, **values: Any) -> None:
        """Write columns of the request directly, as a former release or an operator may have done."""
        async with self.engine.begin() as connection:
            await connection.execute(
                update(roadmap_requests).where(roadmap_requests.c.id == roadmap_id).values(**values)
            )

    async def let_pass(self, roadmap_id: UUID, seconds: float) -> None:
        """Let so much time pass for one roadmap and its events: all times that are compared with the clock are set back.

        Time does not matter to a roadmap that has ended.
        """
        past = timedelta(seconds=seconds)
        requests = roadmap_requests.c
        moments = (requests.lease_until, requests.next_dispatch_at, requests.queued_at, requests.started_at)
        mine = requests.id == roadmap_id, requests.status.in_(OPEN)
        async with self.engine.begin() as connection:
            await connection.execute(
                update(roadmap_requests)
                .where(*mine)
                .values({moment.name: moment - past for moment in (*moments, requests.created_at)})
            )
            await connection.execute(
                update(outbox)
                .where(outbox.c.request_id == roadmap_id)
                .values(next_dispatch_at=outbox.c.next_dispatch_at - past)
            )

    async def events(self, roadmap_id: UUID) -> Sequence[str]:
        """The steps of the events that wait in the outbox, in the order in which they were written."""
        query = (
            select(outbox.c.event["step"].astext)
            .where(outbox.c.request_id == roadmap_id)
            .order_by(outbox.c.created_at)
        )
        async with self.engine.connect() as connection:
            return list(await connection.scalars(query))
