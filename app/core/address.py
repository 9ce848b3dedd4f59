"""The address of a server, judged part by part before any library sees it.

Each library reads a wrong address in its own way and fails with its own sentence, which may quote a password that holds a slash as
the port. So this module's errors name the part that is wrong and how to mend it, and never its value.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

MOST_PORT = 65535
LONGEST_HOST = 253  # RFC 1035, section 2.3.4, without the last dot
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"%(?:[01][0-9A-Fa-f]|7[Ff])")
# A host whose last label looks so is read as an IPv4 address (WHATWG, "ends in a number").
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
# No name of the internet ends so: ICANN, RFC 6762, RFC 6761.
_PRIVATE = (".internal", ".local", ".localhost")
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")


@dataclass(frozen=True, slots=True)
class Address:
    """A well-formed address.

    Args:
        scheme: in small letters.
        netloc: user, password, host and port, as they were written.
        path: with its slash, as it was written; may be empty.
        query: name -> value, decoded.
    """

    scheme: str
    netloc: str
    path: str
    query: Mapping[str, str]

    @property
    def user(self) -> str:
        """The user, as it was written; may be empty."""
        return self.netloc.rpartition("@")[0].partition(":")[0]

    @classmethod
    def parse(cls, text: str, *schemes: str) -> "Address":
        """Read an address as a deployment writes it.

        Args:
            text: the address.
            schemes: the known ones.

        Raises:
            ValueError: a part is wrong; the message says which and what to write instead, and quotes nothing.
        """
        for at, character in enumerate(text):
            if character.isspace() or not character.isprintable():
                raise ValueError(
                    f"it has white space or an invisible character in its {part_at(text, at)}: remove it"
                )
        found = _SCHEME.match(text)
        if found is None or found[1].lower() not in schemes:
            raise ValueError(f"it has another scheme than is known: it must begin with {_either(schemes)}")
        rest = text[found.end() :]
        if "#" in rest:
            raise ValueError(
                f"it has a # in its {part_at(text, text.index('#'))}: write %23 for one in a password"
            )
        before, mark, query = rest.partition("?")
        netloc, slash, path = before.partition("/")
        if "@" in path or "@" in query:
            raise ValueError(
                "it has an @ behind its host: in a password write %2F for /, %3F for ? and %40 for @"
            )
        userinfo, _, place = netloc.rpartition("@")
        _judge_user(userinfo)
        _judge_place(place)
        _judge_escapes(path, "path")
        return cls(found[1].lower(), netloc, slash + path, _parameters(query) if mark else {})


def is_private(host: str) -> bool:
    """Whether a host is on a private network: by its address, or by a name that does not exist on the internet."""
    name = host.rstrip(".").lower()
    try:
        return ipaddress.ip_address(name).is_private
    except ValueError:
        return "." not in name or name.endswith(_PRIVATE)


def part_at(text: str, at: int) -> str:
    """The name of the part of an address that a character belongs to, for a message, however wrong the address is.

    Args:
        text: the address.
        at: index of the character.
    """
    scheme, _, rest = text.partition("://")
    begin = len(scheme) + len("://")
    if not rest or at < begin:
        return "scheme"
    if at < begin + rest.rfind("@"):
        return "user or password"
    before, _, _ = rest.partition("?")
    if at > begin + len(before):
        return "parameters"
    return "path" if "/" in rest[: at - begin] else "host or port"


def whole_number(text: str, most: int) -> int:
    """The number; `most` + 1 if the text is no number, or a larger one.

    Args:
        text: ASCII digits, with any number of leading zeros.
        most: the largest allowed value.
    """
    digits = text.lstrip("0")
    if not (text.isascii() and text.isdigit()) or len(digits) > len(str(most)):
        return most + 1
    return min(int(digits or 0), most + 1)


def _either(schemes: tuple[str, ...]) -> str:
    return " or ".join(f"{scheme}://" for scheme in schemes)


def _judge_user(userinfo: str) -> None:
    if "@" in userinfo:
        raise ValueError("it has more than one @: write %40 for one in a user's name or password")
    if "[" in userinfo or "]" in userinfo:
        raise ValueError("it has a bracket in its user or password: write %5B for [ and %5D for ]")
    if not userinfo.isascii():
        raise ValueError(
            "it has a letter in its user or password that is not of ASCII: escape its bytes in UTF-8"
        )
    _judge_escapes(userinfo, "user or password")


def _judge_escapes(text: str, part: str) -> None:
    if _BAD_ESCAPE.search(text):
        raise ValueError(f"it has a % in its {part} that begins no escape: write %25 for it")
    if _CONTROL.search(text):
        raise ValueError(f"it has the escape of a control character in its {part}: leave it out")
    try:
        unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ValueError(
            f"it has an escape in its {part} that is not of UTF-8: escape its bytes in UTF-8"
        ) from None


def _judge_place(place: str) -> None:
    if place.startswith("["):
        host, bracket, port = place[1:].partition("]")
        if not bracket or not _is_version_6(host):
            raise ValueError(
                "it has no IPv6 address between the [ and ] of its host: write such as [::1], without a zone"
            )
        colon, port = port[:1], port[1:]
        if colon not in {"", ":"}:
            raise ValueError(
                "it has something between the ] of its host and the port: write such as [::1]:6379"
            )
    else:
        host, colon, port = place.partition(":")
        if ":" in port and _is_version_6(place):
            raise ValueError("it has an IPv6 address as its host: write it in brackets, such as [::1]")
        _judge_name(host)
    if colon and not 1 <= whole_number(port, MOST_PORT) <= MOST_PORT:
        raise ValueError(
            f"it has a port that is no number from 1 to {MOST_PORT}: "
            "write it behind the host's colon, and in a password %2F for / and %3A for :"
        )


def _judge_name(host: str) -> None:
    if not host:
        raise ValueError(
            "it has no host: write its name behind the ://, or behind the @ where there is a user"
        )
    if _NUMBER.fullmatch(host.removesuffix(".").rpartition(".")[2]) and not _is_version_4(host):
        raise ValueError(
            "it has a host that ends in a number and is no IPv4 address: write four numbers from 0 to 255, such as 10.0.0.1"
        )
    if len(host) > LONGEST_HOST or not all(
        _LABEL.fullmatch(label) for label in host.removesuffix(".").split(".")
    ):
        raise ValueError(
            "it has a host that is no name of a machine: letters, digits, hyphens and dots; "
            "a reference such as ${{...}} must have been filled in"
        )


def _is_version_4(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def _is_version_6(text: str) -> bool:
    """Whether it is an IPv6 address without a zone: a zone names an interface of this machine, and not every library accepts it."""
    try:
        return ipaddress.IPv6Address(text).scope_id is None
    except ValueError:
        return False


def _parameters(query: str) -> dict[str, str]:
    _judge_escapes(query, "parameters")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
    except ValueError:
        raise ValueError(
            "it has something behind its ? that is no parameter: write such as ?name=value"
        ) from None
    if len(dict(pairs)) < len(pairs):
        raise ValueError("it has a parameter twice: leave one of them out")
    return dict(pairs)
