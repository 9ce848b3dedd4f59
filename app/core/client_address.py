"""The client's address of a request, in the form in which it is counted and logged."""

import ipaddress

from starlette.requests import HTTPConnection

UNKNOWN = "unknown"
# bits of an IPv6 address: a client with one address has all that begin with these bits (RFC 6177)
ONE_CLIENT = 64
# Every IPv4 address, as an IPv6 network translates it (RFC 6052).
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
ONE_SITE = 48  # bits of one site at most, by the same RFC: 65,536 such clients


def client_address(connection: HTTPConnection) -> str:
    """The client's address, which uvicorn takes from `X-Forwarded-For` where a trusted proxy sends it (FORWARDED_ALLOW_IPS).

    Returns:
        An IPv4 address, the first 64 bits of an IPv6 one, or `unknown`.
    """
    return written(connection.client.host if connection.client else "")


def written(host: str) -> str:
    """The address in the one form in which addresses are compared; `unknown` if a trusted proxy sends anything else."""
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        if found in TRANSLATED:
            return str(ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF))
        return str(ipaddress.ip_network((found, ONE_CLIENT), strict=False))
    return str(found)


def network_of(address: str) -> str | None:
    """The site of an IPv6 address, by its first 48 bits; None for any other address: IPv4 addresses are given out one by one.

    Args:
        address: from `client_address`.
    """
    try:
        found = ipaddress.IPv6Network(address)
    except ValueError:
        return None
    return str(found.supernet(new_prefix=ONE_SITE))
