"""The address of a server, judged part by part before any library sees it.

Each library reads a wrong address in a way of its own, fails in a sentence of its own, and says in it what stands where the port
should be: a password that holds a slash. So what is refused here is told by the part and how to mend it, and never by its value.
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
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")


@dataclass(frozen=True, slots=True)
class Address:
    """One that is well formed.

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

    @classmethod
    def parse(cls, text: str, *schemes: str) -> "Address":
        """It, from how a deployment writes it.

        Args:
            text: the address.
            schemes: that are known.

        Raises:
            ValueError: a part of it is wrong; says which, and what to write instead, and shows none of it.
        """
        if any(character.isspace() or not character.isprintable() for character in text):
            raise ValueError("it has white space or an invisible character in it: remove it")
        found = _SCHEME.match(text)
        if found is None or found[1].lower() not in schemes:
            raise ValueError(f"it has another scheme than is known: it must begin with {_either(schemes)}")
        rest = text[found.end() :]
        if "#" in rest:
            raise ValueError("it has a # in it: write %23 for one in a password")
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
            raise ValueError("it has no IPv6 address between the [ and ] of its host: write such as [::1]")
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
    if colon and not (port.isascii() and port.isdigit() and 1 <= int(port[:9]) <= MOST_PORT):
        raise ValueError(
            f"it has a port that is no number from 1 to {MOST_PORT}: "
            "write it behind the host's colon, and in a password %2F for / and %3A for :"
        )


def _judge_name(host: str) -> None:
    if not host:
        raise ValueError(
            "it has no host: write its name behind the ://, or behind the @ where there is a user"
        )
    if len(host) > LONGEST_HOST or not all(
        _LABEL.fullmatch(label) for label in host.removesuffix(".").split(".")
    ):
        raise ValueError(
            "it has a host that is no name of a machine: letters, digits, hyphens and dots; "
            "a reference such as ${{...}} must have been filled in"
        )


def _is_version_6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


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
