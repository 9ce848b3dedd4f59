"""Where a role listens, as HOST says it: over the standard library alone, for whoever asks a role from beside it needs no settings."""

import ipaddress

EVERY_IPV6, EVERY_IPV4 = "::", "0.0.0.0"


def bare(host: str) -> str:
    """The address without the brackets that it has in a URL, and in the one way it is written; a name as it is.

    Args:
        host: as HOST has it.
    """
    text = host[1:-1] if host.startswith("[") and host.endswith("]") and ":" in host else host
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text


def asked_at(host: str) -> str:
    """Where it is asked from beside it, as a URL has it; one that listens everywhere, on what every machine has.

    Args:
        host: as HOST has it; empty for everywhere.
    """
    where = bare(host)
    if where in {"", EVERY_IPV4, EVERY_IPV6}:
        return "127.0.0.1"
    return f"[{where}]" if ":" in where else where
