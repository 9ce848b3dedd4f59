"""An API without servers: its addresses lead to a closed port, so that every server counts as away."""

import secrets
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from app.core.security import Tokens
from app.core.settings import Settings, load_settings
from app.main import create_app


class Clock:
    """A monotonic clock that stands still until a test moves it."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(closed_port: int) -> Settings:
    return load_settings(
        {
            "SERVICE_TYPE": "api",
            "ENVIRONMENT": "development",
            "DATABASE_URL": f"postgresql://u:p@127.0.0.1:{closed_port}/app",
            "REDIS_URL": f"redis://127.0.0.1:{closed_port}",
            "JWT_SECRET_KEY": secrets.token_hex(32),
            "ADMIN_EMAIL": "admin@example.com",
            "ADMIN_PASSWORD": "Tr0ub4dor-and-3",
        }
    )


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    made = create_app(settings)
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
async def api(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client


@pytest.fixture
def signed_in(settings):
    token, _ = Tokens(settings).issue(uuid4(), 0)
    return {"Authorization": f"Bearer {token}"}
