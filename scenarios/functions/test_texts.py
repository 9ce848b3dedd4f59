"""A client's texts are checked before they reach the database: every text of every route, with values that a database cannot store."""

import base64
import json
import secrets
from collections import Counter
from contextlib import asynccontextmanager
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import text

from app.core.security import Tokens
from app.main import create_app

pytestmark = [pytest.mark.e2e, pytest.mark.once]


def forged(at, row_id=None):
    packed = json.dumps([at, row_id or str(uuid4())]).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


TEXTS = [
    *(
        "\x00",
        "a\x00b",
        "\ud800",
        "a\udfffb",
        "\U0001f600" * 30,
        "x" * 10_000,
        "٣",
        "",
        " ",
        "\u202e",
        "\x7f",
        "\n",
    ),
    *("' OR 1=1 --", "%", "\\", "_", "{}", "[]", "null", "true", "NaN", "Infinity", "1e999", "-1", "0", "1"),
    *(
        "9" * 19,
        "9" * 400,
        "9" * 5000,
        f"{2**63}",
        f"-{2**63}",
        f"{2**63 - 1}-{2**63 - 1}",
        "1-1",
        "0x10",
        "1_0",
    ),
    *(str(uuid4()), uuid4().hex, "urn:uuid:" + str(uuid4()), "{" + str(uuid4()) + "}"),
    forged("0001-01-01T00:00:00+00:00"),
    forged("0001-01-01T00:00:00+01:00"),
    forged("9999-12-31T23:59:59.999999+00:00"),
    forged("9999-12-31T23:59:59-14:00"),
    forged("2026-01-01T00:00:00+00:00", "\x00"),
    forged("2026-01-01T00:00:00+23:59:59.999999"),
    *map(forged, ["infinity", "10000-01-01T00:00:00Z", "2026-W01-1", "2026-01-01", 7, None, [], {}]),
]
ODD = [None, True, 0, -1, 1.5, 10**400, -(10**19), [], {}, [["x"]], {"x": "\x00"}]
VALID = {
    "topic": "Rust",
    "email": "ada@example.com",
    "username": "ada",
    "password": "correct horse battery",
    "current_password": "correct horse battery",
    "new_password": "battery horse correct",
    "refresh_token": "of nobody",
    "reset_token": "of nobody",
}


def encoded(value):
    return quote(value.encode("utf-8", "surrogatepass"), safe="")


class Client:
    """Sends requests and counts the answers; none may be a server error."""

    def __init__(self, http):
        self._http = http
        self.statuses = Counter()

    async def ask(self, method, path, **arguments):
        answer = await self._http.request(method, path, **arguments)
        told = f"{method} {path[:200]!r} {str(arguments)[:300]} answered {answer.status_code}: {answer.text[:300]}"
        assert answer.status_code < 500, told
        self.statuses[answer.status_code] += 1


@asynccontextmanager
async def client(product, user):
    settings = product.settings.model_copy(
        update={"service_type": "api", "jwt_secret_key": SecretStr(secrets.token_hex(32))}
    )
    app = create_app(settings)
    token, _ = Tokens(settings).issue(user.user_id, user.version)
    transport = httpx.ASGITransport(app)
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://api", headers=headers) as http,
    ):
        yield Client(http), app.openapi()


@pytest_asyncio.fixture(loop_scope="session")
async def asked(product):
    """A client, the document, and a roadmap of the client's whose stream ends."""
    user = await product.user()
    roadmap = await product.accept(user)
    await product.change(roadmap, status="cancelled")
    async with product.engine.begin() as connection:
        await connection.execute(text("DELETE FROM outbox"))
    async with client(product, user) as (http, document):
        yield http, document, roadmap


def operations(document):
    return [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


async def test_no_text_of_any_parameter_is_an_error_of_ours(asked):
    """Every path, query and header parameter of every route, with each text: refused, not found, or answered."""
    http, document, roadmap = asked
    known = {"roadmap_id": str(roadmap), "concept_id": "a"}
    parameters = 0
    for method, path, operation in operations(document):
        if method == "DELETE":
            continue  # no request is left
        for parameter in operation.get("parameters", ()):
            parameters += 1
            for value in TEXTS:
                below, query, headers = dict(known), "", {}
                if parameter["in"] == "path":
                    below[parameter["name"]] = encoded(value)
                elif parameter["in"] == "query":
                    query = f"?{parameter['name']}={encoded(value)}"
                else:
                    headers[parameter["name"]] = value.encode("utf-8", "surrogatepass")
                await http.ask(method, path.format(**below) + query, headers=headers)
    assert parameters > 20
    assert {200, 404, 422} <= set(http.statuses)


async def test_no_value_of_any_field_of_a_body_is_an_error_of_ours(asked):
    """Every field of every body, with each text and with what is no text."""
    http, document, _ = asked
    fields = 0
    for method, path, operation in operations(document):
        if "requestBody" not in operation:
            continue
        reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        schema = document["components"]["schemas"][reference.rpartition("/")[2]]
        for field in schema["properties"]:
            fields += 1
            for value in [*TEXTS, *ODD]:
                body = {name: VALID[name] for name in schema["required"]} | {field: value}
                sent = json.dumps(body).encode()
                await http.ask(method, path, content=sent, headers={"Content-Type": "application/json"})
    assert fields > 6
    assert {401, 422, 429} <= set(http.statuses)  # 429, because the number of logins is limited
