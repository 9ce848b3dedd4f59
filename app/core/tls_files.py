"""Tries the TLS files that REDIS_URL names before anything starts, because each client would report a wrong file in its own way."""

import ssl
from urllib.parse import parse_qsl, urlsplit

from app.core.unusable import UnusableError

_MEND = "put it into the image, or correct the path"


def try_files(redis_url: str) -> None:
    """Load the files that an address names.

    Args:
        redis_url: normalised.

    Raises:
        UnusableError: a file is missing or of the wrong kind; names the parameter.
    """
    query = dict(parse_qsl(urlsplit(redis_url).query))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if authority := query.get("ssl_ca_certs"):
        try:
            context.load_verify_locations(authority)
        except OSError:  # includes ssl.SSLError
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
            # otherwise OpenSSL asks a person for it
            context.load_cert_chain(certificate, key, password=lambda: b"")
        except (OSError, ValueError):
            raise UnusableError(
                f"REDIS_URL names files by ssl_certfile and ssl_keyfile that are no certificate and its key, or are not there: {_MEND}"
            ) from None
