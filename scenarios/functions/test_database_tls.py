"""PostgreSQL's certificate is verified at a role's start and by a role's engine."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme
from sqlalchemy import text

from app.core.database import create_engine
from app.core.schema import wait_for_schema
from app.core.settings import load_settings
from app.core.unusable import UnusableError
from app.tests.test_settings import environment

pytestmark = [pytest.mark.e2e, pytest.mark.once]
REQUEST_BYTES = 8  # PostgreSQL, "SSL Session Encryption": a length and a code, answered by one letter


@asynccontextmanager
async def encrypted(database_url: str, authority: trustme.CA) -> AsyncIterator[int]:
    """The port of a server that speaks TLS like PostgreSQL, and forwards to a server without TLS."""
    asked = parse_qs(urlsplit(database_url).query)
    socket = f"{asked['host'][0]}/.s.PGSQL.{asked['port'][0]}"
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    pumps = set()

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        except OSError:
            pass
        sink.close()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readexactly(REQUEST_BYTES)
            writer.write(b"S")
            await writer.start_tls(context)
        except (OSError, asyncio.IncompleteReadError):
            writer.close()
            return
        behind = await asyncio.open_unix_connection(socket)
        for source, sink in ((reader, behind[1]), (behind[0], writer)):
            pumps.add(asyncio.create_task(pump(source, sink)))

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*pumps)


async def test_a_certificate_is_verified_by_a_file_or_by_a_variable(functions_database, tmp_path):
    """`sslmode=verify-full` with the authority in a file or in a variable is used by every role; with another one it is refused."""
    authority, stranger = trustme.CA(), trustme.CA()
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    own, other = (one.cert_pem.bytes().decode() for one in (authority, stranger))
    parts = urlsplit(functions_database)

    def settings(host: str, options: str, **variables: str):
        url = f"postgresql://{parts.username}:{parts.password}@{host}:{port}{parts.path}?{options}"
        return load_settings(environment("celery_logs", DATABASE_URL=url, **variables))

    async with encrypted(functions_database, authority) as port:
        for given in (
            settings("127.0.0.1", f"sslmode=verify-full&sslrootcert={file}"),
            settings("127.0.0.1", "sslmode=verify-full", DATABASE_CA_CERTIFICATE=own),
            settings("localhost", f"sslmode=verify-ca&sslrootcert={file}"),
        ):
            await wait_for_schema(given)
            engine = create_engine(given)
            async with engine.connect() as connection:
                assert await connection.scalar(text("SELECT 1")) == 1
            await engine.dispose()
        for refused in (
            settings("127.0.0.1", "sslmode=verify-full", DATABASE_CA_CERTIFICATE=other),
            settings("127.0.0.1", "sslmode=verify-full"),
            settings("localhost", "sslmode=verify-full", DATABASE_CA_CERTIFICATE=own),
        ):
            with pytest.raises(UnusableError, match="has a certificate that is not trusted"):
                await wait_for_schema(refused)
