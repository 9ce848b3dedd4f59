"""The files that REDIS_URL names for TLS: tried before anything is started, for each client would fail over them in its own way."""

import ssl
from urllib.parse import parse_qsl, urlsplit

from app.core.unusable import UnusableError

_MEND = "put it into the image, or correct the path"


def try_files(redis_url: str) -> None:
    """Load what an address names.

    Args:
        redis_url: normalised.

    Raises:
        UnusableError: a file is not there, or not what it is named for; says which parameter names it.
    """
    query = dict(parse_qsl(urlsplit(redis_url).query))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if authority := query.get("ssl_ca_certs"):
        try:
            context.load_verify_locations(authority)
        except OSError:  # an ssl.SSLError too
            raise UnusableError(
                f"REDIS_URL names a file by ssl_ca_certs that holds no certificate, or is not there: {_MEND}"
            ) from None
    certificate, key = query.get("ssl_certfile"), query.get("ssl_keyfile")
    if key and not certificate:
        raise UnusableError(
            "REDIS_URL names a key by ssl_keyfile, and no certificate by ssl_certfile: name both, or none"
        )
    if certificate:
        try:
            context.load_cert_chain(certificate, key, password=lambda: b"")  # nobody is there to be asked
        except (OSError, ValueError):
            raise UnusableError(
                f"REDIS_URL names files by ssl_certfile and ssl_keyfile that are no certificate and its key, or are not there: {_MEND}"
            ) from None
