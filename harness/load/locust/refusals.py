"""Refuses options of Locust that have no meaning here, and an unknown certificate."""

import logging
import socket
import ssl
from argparse import Namespace
from urllib.parse import urlsplit

from harness.load.locust.usage import UsageError

log = logging.getLogger(__name__)
HTTPS = 443
SECONDS = 10.0


def refuse_users(chosen: Namespace) -> None:
    """Refuse a number of users: arrivals come at the moments of a schedule, so users do not decide how many there are.

    Args:
        chosen: options of the command line.

    Raises:
        UsageError: the options set a number of users, or a rate at which they come.
    """
    for option, value in (("-u/--users", chosen.num_users), ("-r/--spawn-rate", chosen.spawn_rate)):
        if value is not None:
            raise UsageError(
                f"{option} {value:g} has no meaning here: arrivals come at the moments of a schedule. --rate says how many an hour, "
                "--at-once how many of a burst, --readers how many people browse meanwhile"
            )


def refuse_unknown_certificate(host: str, *, insecure: bool) -> None:
    """Check the certificate of the service before a load begins.

    Args:
        host: the address of the service.
        insecure: whether its certificate is accepted unchecked; that is logged.

    Raises:
        UsageError: no known authority has signed its certificate.
    """
    parts = urlsplit(host)
    if parts.scheme != "https" or not parts.hostname:
        return
    if insecure:
        log.warning("the certificate of %s is taken as it is: --insecure", host)
        return
    try:
        with socket.create_connection((parts.hostname, parts.port or HTTPS), SECONDS) as plain:
            ssl.create_default_context().wrap_socket(plain, server_hostname=parts.hostname).close()
    except ssl.SSLCertVerificationError as error:
        raise UsageError(
            f"nobody vouches for the certificate of {host} ({error.verify_message}): name who does in SSL_CERT_FILE, "
            "or take it as it is with --insecure"
        ) from None
    except OSError:
        return  # the first request reports that nothing answers
