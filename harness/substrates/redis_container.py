"""Redis in a container, with TLS as on Upstash and without as on Railway's own network."""

from dataclasses import replace
from pathlib import Path

import trustme
from redis import Redis

from harness.substrates.engine.container import Container, Wanted
from harness.substrates.engine.current import the_engine
from harness.substrates.server_container import ServerContainer

PORT, TLS_PORT = 6379, 6380
DATABASES = 256  # databases, one for each stack that shares it
# Host names in its certificate, among them the name of every stack's proxy.
PROXY_DOMAIN = "proxy.harness.internal"
ANSWER_SECONDS = 1.0
FOLDER = "/etc/harness"
# In a folder of its own, so that others can be given it without the key.
AUTHORITY = "authority/authority.pem"
AUTHORITY_FOLDER = f"{FOLDER}/authority"
SETTINGS = {
    "protected-mode": "no",
    "bind": "* -::*",
    "port": str(PORT),
    "tls-port": str(TLS_PORT),
    "tls-cert-file": f"{FOLDER}/server.pem",
    "tls-key-file": f"{FOLDER}/server.key",
    "tls-ca-cert-file": f"{FOLDER}/{AUTHORITY}",
    "tls-auth-clients": "no",
    "databases": str(DATABASES),
    "save": "",
    "appendonly": "no",
    "maxmemory-policy": "noeviction",
}


class RedisContainer(ServerContainer):
    """One server; after a restart it is empty. See ServerContainer.

    Args:
        wanted: its container, without command, ports and files.
        password: of its only user.
        container: the container, where it runs already.
    """

    def __init__(self, wanted: Wanted, password: str, container: Container | None = None) -> None:
        settings = SETTINGS | {"requirepass": password}
        words = [word for name, value in settings.items() for word in (f"--{name}", value)]
        super().__init__(replace(wanted, command=["redis-server", *words], ports=(PORT, TLS_PORT)), container)
        self._password = password

    def answers(self) -> bool:
        """See ServerContainer."""
        url = f"redis://default:{self._password}@{self.outside(PORT)}/0"
        with Redis.from_url(
            url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
        ) as redis:
            return bool(redis.ping())


def write_certificates(folder: Path) -> None:
    """Write the files for a server with TLS, signed by an authority whose key exists only during this call.

    Args:
        folder: folder to make, named as in SETTINGS.
    """
    signer = trustme.CA(organization_name="Harness")
    server = signer.issue_cert("localhost", the_engine().address, f"*.{PROXY_DOMAIN}")
    contents = {
        "server.pem": b"".join(blob.bytes() for blob in server.cert_chain_pems),
        "server.key": server.private_key_pem.bytes(),
        AUTHORITY: signer.cert_pem.bytes(),
    }
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
