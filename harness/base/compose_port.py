"""A port that a compose file publishes, in whichever of its two forms (Compose Specification, `ports`)."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

SHORT = re.compile(
    r"(?:(?P<host>\[[^\]]*\]|[^:\[\]]*|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*):(?=[^:]*:))?(?:(?P<published>[^:]*):)?(?P<target>[^:/]+)(?:/\w+)?"
)


@dataclass(frozen=True, slots=True)
class ComposePort:
    """One port of a container, or a range of them.

    Args:
        text: as it is written.
        host: the address of the machine at which it is published; empty for all of them.
        target: the port in the container.
    """

    text: str
    host: str
    target: str

    @classmethod
    def of(cls, written: Any) -> Self:
        """Read one.

        Args:
            written: an entry of `ports`, with its variables replaced by their defaults.
        """
        if isinstance(written, Mapping):
            text = ", ".join(f"{name}: {value}" for name, value in written.items())
            return cls(text, str(written.get("host_ip") or ""), str(written.get("target", "")))
        text = str(written)
        found = SHORT.fullmatch(text)
        return cls(text, (found["host"] or "").strip("[]"), found["target"]) if found else cls(text, "", text)

    @property
    def on_loopback(self) -> bool:
        """Whether only the machine itself reaches it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:  # an address that is a variable may have any value
            return False
