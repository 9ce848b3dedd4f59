"""A server's port once more, with TLS: what Upstash is to a client, where the server at hand speaks none."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import trustme

CHUNK_BYTES = 1 << 16
HOST = "127.0.0.1"


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
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="tls front", daemon=True)
    thread.start()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        with suppress(OSError, asyncio.CancelledError):
            await _forward(reader, writer, server)

    async def stop() -> None:
        listening.close()
        for task in [*tasks]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    listening = asyncio.run_coroutine_threadsafe(
        asyncio.start_server(serve, HOST, 0, ssl=context), loop
    ).result()
    port = listening.sockets[0].getsockname()[1]
    try:
        yield Front(f"{HOST}:{port}", authority)
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: str) -> None:
    host, _, port = server.rpartition(":")
    from_server, to_server = await asyncio.open_connection(host, int(port))
    pumps = [asyncio.ensure_future(_pump(*ends)) for ends in ((reader, to_server), (from_server, writer))]
    try:
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for end in (writer, to_server):
            end.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
