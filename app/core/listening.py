"""Reads HOST, the address on which a role listens. Standard library only, so that a health check need not load the settings."""

import ipaddress

EVERY_IPV6, EVERY_IPV4 = "::", "0.0.0.0"


def bare(host: str) -> str:
    """The address in its one usual form, without the brackets of a URL; a name stays as it is.

    Args:
        host: the value of HOST.
    """
    text = host[1:-1] if host.startswith("[") and host.endswith("]") and ":" in host else host
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text


def asked_at(host: str) -> str:
    """The host for a URL that reaches the role from its own machine; 127.0.0.1 for a role that listens on every address.

    Args:
        host: the value of HOST; empty for every address.
    """
    where = bare(host)
    if where in {"", EVERY_IPV4, EVERY_IPV6}:
        return "127.0.0.1"
    return f"[{where}]" if ":" in where else where
