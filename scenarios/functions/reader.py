"""The API in the test's process, on the same database: every route by which an owner reads a roadmap."""

import json
import secrets
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import quote
from uuid import UUID

import httpx
from pydantic import SecretStr
from sqlalchemy import select

from app.api.dependencies import Belongings
from app.core.security import TokenClaims, Tokens
from app.main import create_app
from app.models import outbox as outbox_table
from app.roadmaps import outbox
from app.roadmaps.messages import STORE_TASK
from scenarios.functions.product import Product

PREFIX = "/api/v1/roadmaps"
PAGE = 100  # events


class Api:
    """The API, made once for many owners, because making it takes longer than reading a roadmap.

    Args:
        product: whose database it is.
    """

    def __init__(self, product: Product) -> None:
        settings = product.settings.model_copy(update={"jwt_secret_key": SecretStr(secrets.token_hex(32))})
        self.product = product
        self.tokens = Tokens(settings)
        self.app = create_app(settings)
        self.app.state.belongings = Belongings(
            settings=settings,
            engine=product.engine,
            autocommit=product.engine.execution_options(isolation_level="AUTOCOMMIT"),
            snapshots=product.engine.execution_options(isolation_level="REPEATABLE READ"),
            redis=None,  # type: ignore[arg-type]  # no route of a roadmap asks it
            publisher=product.published,
            tokens=self.tokens,
            throttle=None,  # type: ignore[arg-type]
        )

    def reader(self, user: TokenClaims) -> "Reader":
        """A reader who is logged in as this user."""
        return Reader(self, user)


class Reader:
    """An owner of roadmaps, as a client of the API.

    Args:
        api: that is asked.
        user: who asks.
    """

    def __init__(self, api: Api, user: TokenClaims) -> None:
        token, _ = api.tokens.issue(user.user_id, user.version)
        self._product = api.product
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(api.app),  # a route's exception is raised in the test
            base_url="http://api",
            trust_env=False,
            headers={"Authorization": f"Bearer {token}"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def ask(self, body: Mapping[str, Any], *, expect: int = 202, **headers: str) -> dict[str, Any]:
        """POST a request; headers are named with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await self._http.post(PREFIX, json=body, headers=named)
        assert answer.status_code == expect, answer.text
        return _json(answer)

    async def get(self, path: str, expect: int = 200) -> dict[str, Any]:
        """GET below the prefix."""
        answer = await self._http.get(PREFIX + path)
        assert answer.status_code == expect, (path, answer.text)
        return _json(answer)

    async def retry(self, roadmap_id: UUID | str) -> None:
        """Try the roadmap again."""
        answer = await self._http.post(f"{PREFIX}/{roadmap_id}/retry")
        assert answer.status_code == 202, answer.text

    async def everything(self, roadmap_id: UUID | str) -> dict[str, Any]:
        """Read a roadmap by every route.

        Returns:
            The roadmap; its concepts with their content under `contents`, its log under `log`.

        Raises:
            AssertionError: a route did not answer 200, did not answer JSON, or contradicted another route.
        """
        await self._store_events()
        mine = f"/{roadmap_id}"
        whole = await self.get(mine)
        listed = (await self.get(f"?limit=100&topic={quote(whole['topic'], safe='')}"))["items"]
        assert str(roadmap_id) in {item["id"] for item in listed}
        status = await self.get(f"{mine}/status")
        assert status["status"] == whole["status"]
        shown = [c for stage in whole["stages"] for module in stage["modules"] for c in module["concepts"]]
        contents = {}
        ids = {concept["id"] for concept in shown}
        for concept in shown:
            content = await self.get(f"{mine}/concepts/{quote(concept['id'], safe='')}")
            assert (content["id"], content["name"]) == (concept["id"], concept["name"])
            assert set(concept["prerequisites"]) < ids  # other concepts: none is its own prerequisite
            for part in ("tutorial", "resources", "quiz"):
                assert content[part]["status"] == concept[part]
            contents[concept["id"]] = content
        log: list[dict[str, Any]] = []
        cursor = ""
        while cursor is not None:
            page = await self.get(f"{mine}/logs?limit={PAGE}{cursor and f'&cursor={cursor}'}")
            log += page["items"]
            cursor = page["next_cursor"]
        if shown:
            about = quote(shown[-1]["id"], safe="")
            found = (await self.get(f"{mine}/logs?limit=1000&concept={about}"))["items"]
            assert found == [event for event in log if event["concept_id"] == shown[-1]["id"]]
        assert (await self.get(f"{mine}/logs/summary"))["total"] == len(log)
        streamed = await self._stream(f"{mine}/events")
        assert sorted(event["id"] for event in streamed) == sorted(event["id"] for event in log)
        return {**whole, "contents": contents, "log": log, "usage": status["usage"]}

    async def _stream(self, path: str) -> list[dict[str, Any]]:
        """The events of the stream, which ends by itself because the roadmap has ended."""
        answer = await self._http.get(PREFIX + path)
        assert answer.status_code == 200, answer.text
        *events, end = [block for block in answer.text.split("\n\n") if block.startswith("event: ")]
        assert end.startswith("event: end\n")
        return [_strictly(block.split("\n")[1].removeprefix("data: ")) for block in events]

    async def _store_events(self) -> None:
        """Store all events: published ones like the logs worker, others like the sweeper."""
        published = [m for m in self._product.published.messages if m.task == STORE_TASK]
        events = [event for message in published for event in message.arguments["events"]]
        self._product.published.messages.clear()
        async with self._product.engine.begin() as connection:
            kept = await connection.scalars(select(outbox_table.c.event))
            events = {event["id"]: event for event in (*events, *kept)}.values()
            await outbox.store(connection, _strictly(json.dumps(list(events))))


def _json(answer: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = _strictly(answer.text)
    return found


def _strictly(text: str) -> Any:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)
