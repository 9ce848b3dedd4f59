"""Run the scripted OpenAI by itself."""

import argparse
import gc
import json
import socket
import sys
from pathlib import Path
from typing import get_args

import msgspec
import uvicorn

from harness.providers.openai.scenario import Scenario, ScenarioError, Unscripted, load
from harness.providers.openai.server import FakeOpenAIServer

WAITING_CONNECTIONS = 4096  # as many as may arrive in one moment


class Server(uvicorn.Server):
    """uvicorn, which says where it listens once it does."""

    announce: Path | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        url = f"http://{host}:{port}"
        print(json.dumps({"level": "info", "message": f"scripted OpenAI at {url}/v1"}), flush=True)  # noqa: T201
        if self.announce is not None:
            unfinished = self.announce.with_suffix(".tmp")
            unfinished.write_text(url)
            unfinished.rename(self.announce)
        gc.freeze()  # what start-up made stays; the collector need not look at it again


def main() -> int:
    """Serve until ended."""
    parser = argparse.ArgumentParser(prog="python -m harness.providers.openai", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9090, help="0 for a free one (default: %(default)s)")
    parser.add_argument("--script", type=Path, help="how it behaves, in TOML; see docs/openai.md")
    parser.add_argument(
        "--unscripted",
        choices=get_args(Unscripted),
        help="what is answered where no rule decides; the script's word, or else anything",
    )
    parser.add_argument("--api-key", default="", help="the only key that is accepted; any by default")
    parser.add_argument("--seed", type=int, help="another one, other content; the script's, or else 0")
    parser.add_argument("--announce", type=Path, help="a file to write the address into")
    options = parser.parse_args()
    try:
        scenario = load(options.script) if options.script else Scenario()
    except ScenarioError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    given = {name: getattr(options, name) for name in ("unscripted", "seed")}
    chosen = {name: value for name, value in given.items() if value is not None}
    application = FakeOpenAIServer(options.api_key, msgspec.structs.replace(scenario, **chosen))
    server = Server(
        uvicorn.Config(
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
    )
    server.announce = options.announce
    server.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
