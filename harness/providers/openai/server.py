"""The scripted OpenAI as one ASGI application: its API is below /v1."""

from typing import Any, ClassVar

from harness.providers import server, space
from harness.providers.correlation import Correlation
from harness.providers.errors import RefusedError
from harness.providers.exchange import Exchange
from harness.providers.openai.author import Author
from harness.providers.openai.endpoints import ENDPOINTS
from harness.providers.openai.exchange import OpenAIExchange
from harness.providers.openai.scenario import Scenario
from harness.providers.openai.space import Space
from harness.providers.server import BEARER

API = "/v1"


class FakeOpenAIServer(server.ScriptedServer[Scenario]):
    """The application. See server.ScriptedServer.

    Args:
        api_key: see server.ScriptedServer; so are the other two.
        initial: anything is answered, by default.
        correlation: of its calls.
        author: writes answers to the application's own prompts; without one, any content that fits the schema is sent.
    """

    EXCHANGE: ClassVar[type[Exchange]] = OpenAIExchange
    PAGE: ClassVar[tuple[str, ...]] = (*server.ScriptedServer.PAGE, "/")

    def __init__(
        self,
        api_key: str = "",
        initial: Scenario | None = None,
        correlation: Correlation | None = None,
        author: Author | None = None,
    ) -> None:
        self._author = author
        super().__init__(initial or Scenario(), api_key, correlation)

    async def _serve(
        self, space: space.Space[Scenario, Any], exchange: Exchange, path: str, query: str
    ) -> None:
        """See server.ScriptedServer."""
        below = path.removeprefix(API)
        endpoint = ENDPOINTS.get(below) if exchange.method == "POST" else None
        if not path.startswith(f"{API}/"):
            raise RefusedError(f"Invalid URL ({exchange.method} {path})", status=404)
        if endpoint is not None:
            assert isinstance(space, Space)
            await space.ask(exchange, endpoint)
        else:
            await space.serve(exchange, below, query)

    def _new_space(self, name: str) -> Space:
        """See server.ScriptedServer."""
        return Space(name, self._ring, self._totals, self._initial, self._correlation, self._author)

    def _key(self, exchange: Exchange) -> bytes:
        """See server.ScriptedServer; no other scheme has a key."""
        given = exchange.headers.get(b"authorization", b"")
        if given.startswith(BEARER):  # as nearly everybody writes it
            return given[len(BEARER) :].strip()
        scheme, _, key = given.partition(b" ")
        return key.strip() if scheme.lower() == b"bearer" else b""

    def _authorise(self, key: bytes) -> None:
        """See server.ScriptedServer; every request needs a key."""
        if not key:
            said = "You didn't provide an API key: send it as 'Authorization: Bearer KEY'."
            raise RefusedError(said, None, None, status=401)
        super()._authorise(key)
