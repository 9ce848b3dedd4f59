"""Serve until ended from outside.

Arguments: where to get orders (the path of a unix socket, or a port), the address to listen on, and the ports that are
published, if not every port is reached from everywhere.
"""

import asyncio
import sys

from harness.nodes.proxy import LOOPBACK
from harness.nodes.proxy.proxy import Proxy


async def main(control: str, host: str = LOOPBACK, *published: str) -> None:
    """Listen to the owner; see the arguments above."""
    proxy = Proxy(host, map(int, published))
    if control.isdecimal():
        server: asyncio.Server = await asyncio.start_server(proxy.serve, host, int(control))
    else:
        server = await asyncio.start_unix_server(proxy.serve, control)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
