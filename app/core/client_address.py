"""Where a request comes from, as it is counted and written down."""

import ipaddress

from starlette.requests import HTTPConnection

UNKNOWN = "unknown"
ONE_CLIENT = 64  # bits of an IPv6 address: whoever has one address has all that begin like it (RFC 6177)
TRANSLATED = ipaddress.IPv6Network(
    "64:ff9b::/96"
)  # all of IPv4, where a network of IPv6 lets it in (RFC 6052)
ONE_SITE = 48  # bits that a provider gives to one site at most, by the same: 65,536 such clients


def client_address(connection: HTTPConnection) -> str:
    """The client's address, which uvicorn takes from `X-Forwarded-For` where a trusted proxy sends it (FORWARDED_ALLOW_IPS).

    Returns:
        An IPv4 address, the first 64 bits of an IPv6 one, or `unknown`.
    """
    return written(connection.client.host if connection.client else "")


def written(host: str) -> str:
    """An address in the one way that it is compared by; a proxy of yours that sends something else is not believed."""
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
    """The site that an address of IPv6 is of, by its first 48 bits; None for any other: addresses of IPv4 come one by one.

    Args:
        address: as `client_address` has it.
    """
    try:
        found = ipaddress.IPv6Network(address)
    except ValueError:
        return None
    return str(found.supernet(new_prefix=ONE_SITE))
