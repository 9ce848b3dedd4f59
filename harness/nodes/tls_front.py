"""A second port for a server, with TLS, as clients of Upstash have it; the server itself needs no TLS.

It is a program of its own: its end is the end of every connection, also of one in the middle of its handshake. Arguments: the
server's `host:port`, and a file for the certificate of the authority that signed its own. It prints its port.
"""

import asyncio
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import trustme

from harness.base.project import SOURCE

CHUNK_BYTES = 1 << 16
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Front:
    """The address and the authority of the port.

    Args:
        address: `host:port`.
        authority: the file with the certificate of its authority.
    """

    address: str
    authority: Path


@contextmanager
def tls_front(server: str, folder: Path) -> Iterator[Front]:
    """Listen with TLS and forward to a server that speaks none, until the block ends.

    Its certificate is signed by an authority that only readers of the file know.

    Args:
        server: `host:port`.
        folder: for the authority's certificate.
    """
    authority = folder / "authority.pem"
    argv = [sys.executable, "-m", "harness.nodes.tls_front", server, str(authority)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=SOURCE) as process:
        assert process.stdout is not None
        try:
            yield Front(f"{HOST}:{int(process.stdout.readline())}", authority)
        finally:
            process.kill()


async def main(server: str, authority: str) -> None:
    """Serve until ended from outside."""
    signer = trustme.CA(organization_name="Harness")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    signer.issue_cert(HOST).configure_cert(context)
    signer.cert_pem.write_to_path(authority)
    listening = await asyncio.start_server(
        lambda reader, writer: _forward(reader, writer, server), HOST, 0, ssl=context
    )
    print(listening.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - for who has started us
    await listening.serve_forever()


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: str) -> None:
    host, _, port = server.rpartition(":")
    from_server, to_server = await asyncio.open_connection(host, int(port))
    pumps = [asyncio.ensure_future(_pump(*ends)) for ends in ((reader, to_server), (from_server, writer))]
    try:
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for pump in pumps:
            pump.cancel()
        for end in (writer, to_server):
            end.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
