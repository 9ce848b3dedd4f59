"""The API: assembled here, run by uvicorn."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi_offline import FastAPIOffline
from redis.asyncio import Redis

from app.api import admin, auth, health, logs, metrics, problems, roadmaps
from app.api.body_limit import BodyLimit
from app.api.connection import Connection
from app.api.dependencies import Belongings
from app.api.middleware import RequestLog
from app.core.batch_sender import BatchSender
from app.core.broker import create_celery
from app.core.database import create_engine
from app.core.publisher import Publisher
from app.core.security import Tokens
from app.core.settings import Settings, load_settings
from app.core.throttle import LoginThrottle
from app.roadmaps.sweeper import Sweeper

REDIS_TIMEOUT_SECONDS = 2
CLOSE_SECONDS = 2


def create_app(settings: Settings) -> FastAPI:
    """The API for these settings; it connects to nothing before its lifespan begins."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = create_engine(settings)
        held = Belongings(
            settings=settings,
            engine=engine,
            autocommit=engine.execution_options(isolation_level="AUTOCOMMIT"),
            redis=_redis(settings),
            publisher=Publisher(BatchSender(create_celery(settings))),
            tokens=Tokens(settings),
            throttle=LoginThrottle(settings),
        )
        app.state.belongings = held
        held.publisher.start()
        sweeping = asyncio.create_task(Sweeper(held.engine, held.publisher, settings).run())
        yield
        sweeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sweeping
        await asyncio.to_thread(held.publisher.close, CLOSE_SECONDS)
        await held.redis.aclose()
        await held.engine.dispose()

    # Its page of documentation needs nobody else's server.
    app = FastAPIOffline(
        title="Learning roadmaps",
        version="1",
        description="Ask for a roadmap of something to learn, follow its writing, read it.",
        redoc_url=None,
        redirect_slashes=False,  # behind an edge it would lead to http://, and lose a body on the way
        lifespan=lifespan,
    )
    app.add_api_route("/", _to_the_docs, include_in_schema=False)
    app.add_middleware(BodyLimit, most=settings.max_body_bytes, seconds=settings.max_request_seconds)
    app.add_middleware(RequestLog, encrypted=settings.production)  # added last, so it sees everything first
    problems.install(app)
    for module in (health, auth, roadmaps, logs, admin, metrics):
        app.include_router(module.router)
    return app


async def _to_the_docs() -> RedirectResponse:
    """A person who types the bare address; relative, so whatever name and scheme an edge gives it stay."""
    return RedirectResponse("docs")


def _redis(settings: Settings) -> Redis:
    return Redis.from_url(
        settings.redis_url,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        health_check_interval=30,
    )


def from_environment() -> FastAPI:
    """What uvicorn's --factory calls in each of its processes."""
    settings = load_settings()
    if settings.debug:
        logging.getLogger().setLevel(logging.DEBUG)
    Connection.seconds = settings.max_request_seconds
    return create_app(settings)
