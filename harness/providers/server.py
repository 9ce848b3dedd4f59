"""A provider as one ASGI application: its API, and ours below /__fake/, by which scenarios script it.

A client is in a space of its own if its path begins with /s/NAME, or if its key was scripted.
"""

import hashlib
import hmac
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic

from harness.providers.control import control
from harness.providers.correlation import Correlation
from harness.providers.errors import RefusedError
from harness.providers.exchange import HTML, ClientGoneError, Exchange, Receive, Scope, Send, encode
from harness.providers.ledger import Ring, Totals
from harness.providers.page import latest, page
from harness.providers.space import S, Space

MOST_SPACES = 50_000  # spaces; each takes some kilobytes
CONTROL = "/__fake/"
LATEST = "/__fake/latest"  # calls of all spaces, for the page
OK = 200
SPACE = "/s/"
BEARER = b"Bearer "


class ScriptedServer(ABC, Generic[S]):
    """The application.

    Args:
        initial: behaviour before any change.
        api_key: the only accepted key, except scripted keys; empty for any key.
        correlation: reads a call's purpose; by default by Correlation's own pattern.
    """

    EXCHANGE: ClassVar[type[Exchange]] = Exchange
    PAGE: ClassVar[tuple[str, ...]] = (CONTROL,)  # path of the page with the calls

    def __init__(self, initial: S, api_key: str = "", correlation: Correlation | None = None) -> None:
        self._api_key = api_key.encode()
        self._initial = initial
        self._correlation = correlation or Correlation()
        self._ring = Ring()
        self._totals: dict[str, Totals] = {}
        self._spaces: dict[str, Space[S, Any]] = {}
        self._keys: dict[bytes, Space[S, Any]] = {}
        self._everybodys = self._space("")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        exchange = self.EXCHANGE(scope, receive, send)
        try:
            await self._route(exchange, scope["query_string"])
        except RefusedError as error:
            await exchange.refuse(error)
        except ClientGoneError:
            return

    async def _route(self, exchange: Exchange, raw_query: bytes) -> None:
        path, key, space = exchange.path, self._key(exchange), None
        if path.startswith(SPACE):
            name, slash, rest = path.removeprefix(SPACE).partition("/")
            path, space = slash + rest, self._space(name)
        query = raw_query.decode("latin-1")
        if exchange.method == "GET" and path in self.PAGE:
            await exchange.answer(OK, page(), HTML)
            return
        if path == LATEST:
            await exchange.answer(OK, encode(latest(self._ring)))
            return
        if path.startswith(CONTROL):
            await control(space or self._own_space(key), exchange, path.removeprefix(CONTROL), query)
            return
        if space is None:
            space = self._keys.get(key, self._everybodys)
        self._authorise(key)
        await self._serve(space, exchange, path, query)

    @abstractmethod
    async def _serve(self, space: Space[S, Any], exchange: Exchange, path: str, query: str) -> None:
        """Answer a request to the provider's API.

        Args:
            space: space of the request.
            exchange: exchange with the client.
            path: of the URL, without the space.
            query: of the URL.
        """

    @abstractmethod
    def _new_space(self, name: str) -> Space[S, Any]:
        """A new space of a client."""

    def _authorise(self, key: bytes) -> None:
        """Let only known keys pass.

        Raises:
            RefusedError: 401.
        """
        if self._api_key and not hmac.compare_digest(key, self._api_key) and key not in self._keys:
            raise RefusedError("Incorrect API key provided.", None, "invalid_api_key", status=401)

    def _own_space(self, key: bytes) -> Space[S, Any]:
        """The space of a control request without /s/NAME: the key's own space, which is opened if needed, or the common one."""
        if not key or (self._api_key and hmac.compare_digest(key, self._api_key)):
            return self._everybodys
        if key not in self._keys:
            # No record shows a key.
            self._keys[key] = self._space(f"key-{hashlib.blake2b(key, digest_size=6).hexdigest()}")
        return self._keys[key]

    def _space(self, name: str) -> Space[S, Any]:
        if name not in self._spaces:
            if len(self._spaces) >= MOST_SPACES:
                said = f"There are {MOST_SPACES} spaces; no more can be opened."
                raise RefusedError(said, None, "too_many_spaces", status=429)
            self._spaces[name] = self._new_space(name)
        return self._spaces[name]

    def _key(self, exchange: Exchange) -> bytes:
        """The key that a request comes with; empty where there is none."""
        return exchange.headers.get(b"authorization", b"").removeprefix(BEARER)
