"""The provider as one ASGI application: its API below /v1, and ours, by which scenarios script it, below /__fake.

Whoever sends a path that begins with /s/NAME, or a key that somebody has scripted, is in a space of its own.
"""

import hashlib
import hmac

from harness.providers.openai.control import control
from harness.providers.openai.errors import RefusedError
from harness.providers.openai.exchange import ClientGoneError, Exchange, Receive, Scope, Send
from harness.providers.openai.ledger import Ring, Totals
from harness.providers.openai.scenario import Scenario
from harness.providers.openai.space import Space

MOST_SPACES = 1_000
API = "/v1"
CONTROL = "/__fake/"
SPACE = "/s/"
COMPLETIONS = "/v1/chat/completions"
BEARER = b"Bearer "


class FakeOpenAIServer:
    """The application.

    Args:
        api_key: the only one that is accepted, but for those that somebody scripts; any, where it is empty.
        initial: how it behaves until somebody says otherwise.
    """

    def __init__(self, api_key: str = "", initial: Scenario | None = None) -> None:
        self._api_key = api_key.encode()
        self._initial = initial or Scenario()
        self._ring = Ring()
        self._totals: dict[str, Totals] = {}
        self._spaces: dict[str, Space] = {}
        self._keys: dict[bytes, Space] = {}
        self._everybodys = self._space("")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        exchange = Exchange(scope, receive, send)
        try:
            await self._route(exchange, scope["query_string"])
        except RefusedError as error:
            await exchange.refuse(error)
        except ClientGoneError:
            return

    async def _route(self, exchange: Exchange, raw_query: bytes) -> None:
        path, key, space = exchange.path, _key(exchange), None
        if path.startswith(SPACE):
            name, slash, rest = path.removeprefix(SPACE).partition("/")
            path, space = slash + rest, self._space(name)
        query = raw_query.decode("latin-1")
        if path.startswith(CONTROL):
            await control(space or self._own_space(key), exchange, path.removeprefix(CONTROL), query)
            return
        if space is None:
            space = self._keys.get(key, self._everybodys)
        self._authorise(key)
        if path == COMPLETIONS and exchange.method == "POST":
            await space.complete(exchange)
        elif path.startswith(f"{API}/"):
            await space.serve(exchange, path.removeprefix(API), query)
        else:
            raise RefusedError(f"Invalid URL ({exchange.method} {path})", status=404)

    def _authorise(self, key: bytes) -> None:
        """Let only known keys pass.

        Raises:
            RefusedError: 401.
        """
        if not key:
            said = "You didn't provide an API key: send it as 'Authorization: Bearer KEY'."
            raise RefusedError(said, None, None, status=401)
        if self._api_key and not hmac.compare_digest(key, self._api_key) and key not in self._keys:
            raise RefusedError("Incorrect API key provided.", None, "invalid_api_key", status=401)

    def _own_space(self, key: bytes) -> Space:
        """Whom a control request without /s/NAME is about: the key's own space, which it thereby opens, or everybody's."""
        if not key or (self._api_key and hmac.compare_digest(key, self._api_key)):
            return self._everybodys
        if key not in self._keys:
            # No record shows a key.
            self._keys[key] = self._space(f"key-{hashlib.blake2b(key, digest_size=6).hexdigest()}")
        return self._keys[key]

    def _space(self, name: str) -> Space:
        if name not in self._spaces:
            if len(self._spaces) >= MOST_SPACES:
                said = f"There are {MOST_SPACES} spaces; no more can be opened."
                raise RefusedError(said, None, "too_many_spaces", status=429)
            self._spaces[name] = Space(name, self._ring, self._totals, self._initial)
        return self._spaces[name]


def _key(exchange: Exchange) -> bytes:
    return exchange.headers.get(b"authorization", b"").removeprefix(BEARER)
