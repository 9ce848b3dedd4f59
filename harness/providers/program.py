"""A scripted provider as a program: the options that every kind has, and the server."""

import argparse
import gc
import json
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import uvicorn
from uvicorn.config import STARTUP_FAILURE

from harness.providers.correlation import HEADER, PATTERN, Correlation
from harness.providers.exchange import Receive, Scope, Send
from harness.providers.space import S

Application = Callable[[Scope, Receive, Send], Awaitable[None]]
USAGE = 2  # exit code of a mistake in the options
LAST_PORT = 65535
WAITING_CONNECTIONS = 4096  # connections that may arrive at the same moment


def parser_of(prog: str, description: str | None, unscripted: tuple[str, ...]) -> argparse.ArgumentParser:
    """The parser of the options that every kind has.

    Args:
        prog: as the program is called.
        description: for who asks for help.
        unscripted: what may be answered where no rule decides.
    """
    parser = argparse.ArgumentParser(prog=prog, description=description)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=_port, default=9090, help="0 for a free one (default: %(default)s)")
    parser.add_argument("--script", type=Path, help="how it behaves, in TOML; see docs/openai.md")
    parser.add_argument(
        "--unscripted",
        choices=unscripted,
        help="what is answered where no rule decides; the script's word, or else anything",
    )
    parser.add_argument("--api-key", default="", help="the only key that is accepted; any by default")
    parser.add_argument("--seed", type=int, help="another one, other content; the script's, or else 0")
    parser.add_argument("--announce", type=Path, help="a file to write the address into")
    parser.add_argument(
        "--correlation",
        default=PATTERN,
        help="what the header with the client's correlation looks like (default: %(default)s)",
    )
    parser.add_argument("--correlation-header", default=HEADER, help="its name (default: %(default)s)")
    parser.add_argument(
        "--concept-at",
        default="",
        help="where a call that is JSON names its concept, as name.name; the correlation has its id alone",
    )
    return parser


def correlation_of(options: argparse.Namespace) -> Correlation:
    """The correlation that reads a call's purpose.

    Raises:
        CorrelationError: the pattern is not valid.
    """
    return Correlation(options.correlation, options.correlation_header, options.concept_at)


def scenario_of(options: argparse.Namespace, kind: type[S]) -> S:
    """How the provider behaves at first.

    Args:
        options: options, perhaps with a script; options win over the script.
        kind: of scenario.

    Raises:
        ScenarioError: the script cannot be read.
    """
    scenario = kind.load(options.script) if options.script else kind()
    given = {name: getattr(options, name) for name in ("unscripted", "seed")}
    return msgspec.structs.replace(
        scenario, **{name: value for name, value in given.items() if value is not None}
    )


def serve(application: Application, options: argparse.Namespace, name: str, api: str = "") -> None:
    """Serve until ended.

    Args:
        application: of ASGI, such as a provider.
        options: where it listens.
        name: of it, for who reads its log.
        api: what paths of its API begin with.

    Raises:
        SystemExit: it cannot listen there.
    """
    config = uvicorn.Config(
        application,
        options.host,
        options.port,
        log_level="warning",
        access_log=False,
        backlog=WAITING_CONNECTIONS,
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        ws="none",
    )
    try:
        _Announced(config, name, api, options.announce).run()
    except SystemExit as ended:  # uvicorn's own exit code for it means "too little was seen" in our table
        raise SystemExit(USAGE if ended.code == STARTUP_FAILURE else ended.code) from None


def _port(text: str) -> int:
    """The value of `--port`; the system would take a larger number modulo 65536.

    Raises:
        ArgumentTypeError: it is no port.
    """
    if text.isdecimal() and int(text) <= LAST_PORT:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is no port: 0 to {LAST_PORT}")


class _Announced(uvicorn.Server):
    """uvicorn that announces its address once it listens."""

    def __init__(self, config: uvicorn.Config, name: str, api: str, announce: Path | None) -> None:
        super().__init__(config)
        self._name = name
        self._api = api
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        url = f"http://{host}:{port}"
        print(json.dumps({"level": "info", "message": f"{self._name} at {url}{self._api}"}), flush=True)  # noqa: T201
        if self._announce is not None:
            unfinished = self._announce.with_suffix(".tmp")
            unfinished.write_text(url)
            unfinished.rename(self._announce)
        gc.freeze()  # objects from the start-up stay, so the garbage collector need not visit them again
