"""The API: assembled here, run by uvicorn."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import RedirectResponse
from fastapi.telemetry import TelemetryConfig
from fastapi_offline import FastAPIOffline
from redis.asyncio import Redis

from app.api import admin, auth, health, logs, metrics, passwords, problems, roadmaps, sessions, users
from app.api.body_limit import BodyLimit
from app.api.connection import Connection
from app.api.dependencies import Belongings
from app.api.middleware import LastResort, RequestLog
from app.api.versions import Versions
from app.core import collecting, security
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
# Otherwise FastAPI makes spans beside ours, and threads to export them (app/core/spans.py).
OWN_SPANS: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


def create_app(settings: Settings) -> FastAPI:
    """The API for these settings; it connects to nothing before its lifespan begins."""
    security.use(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = create_engine(settings)
        held = Belongings(
            settings=settings,
            engine=engine,
            autocommit=engine.execution_options(isolation_level="AUTOCOMMIT"),
            snapshots=engine.execution_options(isolation_level="REPEATABLE READ"),
            redis=_redis(settings),
            publisher=Publisher(BatchSender(create_celery(settings))),
            tokens=Tokens(settings),
            throttle=LoginThrottle(settings),
        )
        app.state.belongings = held
        held.publisher.start()
        stop_collecting = collecting.start(settings)
        sweeping = asyncio.create_task(Sweeper(held.engine, held.publisher, settings).run())
        yield
        sweeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sweeping
        await asyncio.to_thread(held.publisher.close, CLOSE_SECONDS)
        await held.redis.aclose()
        await held.engine.dispose()
        await asyncio.to_thread(stop_collecting)

    # The page of documentation loads nothing from other servers.
    app = FastAPIOffline(
        title="Learning roadmaps",
        version="1",
        description="Ask for a roadmap of something to learn, follow its writing, read it.",
        redoc_url=None,
        redirect_slashes=False,  # behind an edge a redirect leads to http:// and loses the body
        lifespan=lifespan,
        telemetry=OWN_SPANS,
    )
    app.add_api_route("/", _to_the_docs, include_in_schema=False)
    app.add_middleware(Versions, below=roadmaps.PREFIX)
    app.add_middleware(BodyLimit, most=settings.max_body_bytes, seconds=settings.max_request_seconds)
    app.add_middleware(LastResort)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,  # without cookies: the page itself writes the header with the token
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "Idempotency-Key",
                "If-None-Match",
                "Last-Event-ID",
                "X-Request-Id",
                "traceparent",
                "tracestate",
            ],
            expose_headers=[
                "ETag",
                "Location",
                "Retry-After",
                "RateLimit",
                "RateLimit-Policy",
                "X-Request-Id",
            ],
        )
    app.add_middleware(RequestLog, encrypted=settings.production)  # added last, so it sees everything first
    problems.install(app)
    for module in (health, auth, sessions, passwords, roadmaps, logs, admin, users, metrics):
        app.include_router(module.router)
    return app


async def _to_the_docs() -> RedirectResponse:
    """Redirect a person who types the bare address. The target is relative, so that the edge's name and scheme stay."""
    return RedirectResponse("docs")


def _redis(settings: Settings) -> Redis:
    return Redis.from_url(
        settings.redis_url,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        health_check_interval=30,
    )


def from_environment() -> FastAPI:
    """Make the API; uvicorn's --factory calls this in each of its processes."""
    settings = load_settings()
    if settings.debug:
        logging.getLogger().setLevel(logging.DEBUG)
    Connection.seconds = settings.max_request_seconds
    return create_app(settings)
