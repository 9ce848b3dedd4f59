"""A server's port once more, with TLS: what Upstash is to a client, where the server at hand speaks none."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import trustme

CHUNK_BYTES = 1 << 16
HOST = "127.0.0.1"
START_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Front:
    """Where it listens.

    Args:
        address: `host:port`.
        authority: the file with the certificate that vouches for it.
    """

    address: str
    authority: Path


@contextmanager
def tls_front(server: str, folder: Path) -> Iterator[Front]:
    """Listen with TLS and forward to a server that speaks none, until the block ends.

    Its certificate is signed by an authority that nobody knows but who reads the file.

    Args:
        server: `host:port`.
        folder: for the authority's certificate.
    """
    signer = trustme.CA(organization_name="Roadmap Harness")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    signer.issue_cert(HOST).configure_cert(context)
    authority = folder / "authority.pem"
    signer.cert_pem.write_to_path(str(authority))
    started: Future[tuple[int, Callable[[], object]]] = Future()

    async def listen() -> None:
        """Serve until told to stop; asyncio.run then ends whatever connection there still is."""
        loop, told = asyncio.get_running_loop(), asyncio.Event()
        listening = await asyncio.start_server(
            lambda reader, writer: _forward(reader, writer, server), HOST, 0, ssl=context
        )
        started.set_result(
            (listening.sockets[0].getsockname()[1], lambda: loop.call_soon_threadsafe(told.set))
        )
        await told.wait()
        listening.close()

    thread = threading.Thread(target=lambda: asyncio.run(listen()), name="tls front", daemon=True)
    thread.start()
    port, stop = started.result(START_SECONDS)
    try:
        yield Front(f"{HOST}:{port}", authority)
    finally:
        stop()
        thread.join()


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: str) -> None:
    host, _, port = server.rpartition(":")
    from_server, to_server = await asyncio.open_connection(host, int(port))
    pumps = [asyncio.ensure_future(_pump(*ends)) for ends in ((reader, to_server), (from_server, writer))]
    try:
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        pass  # the front ends; asyncio's own streams complain of a connection that was cancelled
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
