"""A plain HTTP service as one ASGI application."""

from typing import Any

from harness.providers import server, space
from harness.providers.correlation import Correlation
from harness.providers.exchange import Exchange
from harness.providers.http.scenario import Scenario
from harness.providers.http.space import Space


class FakeHttpServer(server.ScriptedServer[Scenario]):
    """The application. See server.ScriptedServer; a key may come as `X-API-Key` too.

    Args:
        api_key: see server.ScriptedServer; so are the other two.
        initial: everything is answered 200 and `{}`, by default.
        correlation: of its calls.
    """

    def __init__(
        self, api_key: str = "", initial: Scenario | None = None, correlation: Correlation | None = None
    ) -> None:
        super().__init__(initial or Scenario(), api_key, correlation)

    async def _serve(
        self, space: space.Space[Scenario, Any], exchange: Exchange, path: str, query: str
    ) -> None:
        """See server.ScriptedServer."""
        await space.serve(exchange, path or "/", query)

    def _new_space(self, name: str) -> Space:
        """See server.ScriptedServer."""
        return Space(name, self._ring, self._totals, self._initial, self._correlation)

    def _key(self, exchange: Exchange) -> bytes:
        """See server.ScriptedServer."""
        return super()._key(exchange) or exchange.headers.get(b"x-api-key", b"")
