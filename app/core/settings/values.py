"""Checks each value by itself, beyond its type. An error says what the value must be, and never quotes the value."""

import ipaddress
import re
import ssl
from urllib.parse import urlsplit

from pydantic import HttpUrl, SecretStr, ValidationError

from app.core.address import Address
from app.core.listening import bare
from app.roles import ROLES

NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")  # of a machine
ORIGIN = re.compile(  # without hosts and ports that a URL allows but no browser sends
    r"https?://(?=.{1,260}$)([a-z0-9_][a-z0-9_-]{0,62}(\.[a-z0-9_][a-z0-9_-]{0,62})*|\[[0-9a-f:]+\])(:[1-9][0-9]*)?"
)
LARGEST_NETWORK = {4: 8, 6: 16}  # of proxies: the shortest prefix
MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")  # every IPv4 address, as an IPv6 socket sees it
# A header's name is a token (RFC 9110).
OTLP_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+ *= *[\x21-\x2b\x2d-\x7e]+")
KEY_OF_A_HEADER = re.compile(r"[\x21-\x7e]+")  # includes the characters of a bearer token (RFC 6750)

CALLS = ("/chat/completions", "/completions", "/responses", "/embeddings")  # paths of calls to a provider


def host(value: str) -> str:
    """Check the address of a socket; it may have the brackets of a URL."""
    text = bare(value)
    try:
        ipaddress.ip_address(text)
    except ValueError:
        if not NAME.fullmatch(text):
            raise ValueError(
                "must be an address to listen on, such as :: or 0.0.0.0, or a name of this machine: without a scheme, and without a port, "
                "for that is PORT"
            ) from None
    return text


def origins(value: object) -> tuple[str, ...]:
    """Check origins, written as browsers send them: an origin with an extra slash would match no browser, without an error."""
    given = tuple(origin.strip() for origin in value.split(",")) if isinstance(value, str) else ()
    if not all(_is_sent_by_browsers(origin) for origin in given):
        raise ValueError(
            "must be origins as browsers send them, such as https://app.example.com or http://localhost:3000, with commas between: "
            "in lower case, without a path, a slash at the end, or the port that http or https has by itself"
        )
    return given


def key(value: SecretStr) -> SecretStr:
    """Refuse white space around a key: it is pasted by mistake, cannot be seen, and makes every use of the key fail."""
    text = value.get_secret_value()
    if text != text.strip():
        raise ValueError(
            "it begins or ends with white space, such as a new line that was pasted with it: remove it"
        )
    return value


def key_of_a_header(value: SecretStr) -> SecretStr:
    """Refuse characters that a header cannot have: the client would fail before it asks, as if the provider were down."""
    if not KEY_OF_A_HEADER.fullmatch(value.get_secret_value()):
        raise ValueError(
            "it has white space within, or a character that is not of printable ASCII, as no key has: copy it anew"
        )
    return value


def one_login(value: SecretStr) -> SecretStr:
    """Refuse a comma: Flower reads the text after it as a second login, which may have a short password."""
    if "," in value.get_secret_value():
        raise ValueError(
            "it has a comma, where Flower cuts it in two: choose a user and a password without one"
        )
    return value


def provider(value: str) -> str:
    """Check the provider's address, from which the client makes the addresses of its calls."""
    if "@" in value:
        raise ValueError("it has an @: leave a user and a password out, for the key is OPENAI_API_KEY")
    Address.parse(value, "http", "https")
    if value.rstrip("/").lower().endswith(CALLS):
        raise ValueError("it ends with the path of a call: leave that out, for it is added to the address")
    if "?" in value:
        raise ValueError("it has a ?, behind which no path of a call can stand: leave it out")
    return value


def collector(value: str) -> str:
    """Check the collector's address, to which the library adds the path."""
    try:
        address = urlsplit(value)
        usable = address.scheme in {"http", "https"} and bool(address.hostname) and address.port != 0
    except ValueError:
        usable = False
    if not usable or address.query or address.fragment or re.search(r"[\s@]", value):
        raise ValueError(
            "must be the address of a collector, such as http://collector:4318, without a user, a query or a fragment"
        )
    if address.path.rstrip("/").endswith("/v1/traces"):
        raise ValueError("is the collector's address alone: leave out /v1/traces, which is added to it")
    return value


def headers(value: SecretStr) -> SecretStr:
    """Check the headers for the collector."""
    pairs = [pair.strip() for pair in value.get_secret_value().split(",")]
    if not all(OTLP_HEADER.fullmatch(pair) for pair in pairs):
        raise ValueError("must be name=value, with commas between, and other characters as in %20")
    return value


def proxies(value: str) -> str:
    """Check the proxies. Uvicorn would accept a name or a misspelt address, which never matches, and `*`, which believes every client."""
    try:
        networks = [ipaddress.ip_network(one.strip()) for one in value.split(",")]
    except ValueError:
        networks = []
    if not networks or any(_is_too_large(network) for network in networks):
        raise ValueError(
            "must be addresses or networks of proxies, such as 10.0.0.0/8, with commas between; an asterisk, or a network larger than /8 "
            "(of IPv6: /16), would believe everybody"
        )
    return value


def certificate(value: str) -> str:
    """Check an authority's certificate; its lines may end with a backslash and an n."""
    pem = value.replace("\\n", "\n")  # some platforms allow only one line in a variable
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem)
    except (ssl.SSLError, ValueError, TypeError):  # TypeError for text that is not ASCII
        raise ValueError(
            "it is no certificate in PEM form: give all of it, from -----BEGIN CERTIFICATE----- to its end"
        ) from None
    return pem


def named_roles(value: object) -> tuple[str, ...]:
    """Check the roles that the API's service runs beside its own."""
    names = tuple(name.strip() for name in value.split(",")) if isinstance(value, str) else ()
    possible = [name for name in ROLES if name != "api"]
    for name in names:
        if name not in possible:
            raise ValueError(f"names no role that the API's service could run too: {', '.join(possible)}")
    return names


def _is_too_large(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    """Whether a network is too large to hold only an operator's proxies, in whichever form it is written."""
    if isinstance(network, ipaddress.IPv6Network) and network.overlaps(MAPPED):
        return network.prefixlen < MAPPED.prefixlen + LARGEST_NETWORK[4]
    return network.prefixlen < LARGEST_NETWORK[network.version]


def _is_sent_by_browsers(origin: str) -> bool:
    """Whether an origin is in its serialised form (https://url.spec.whatwg.org/#host-serializing): browsers send no other."""
    try:
        return bool(ORIGIN.fullmatch(origin)) and str(HttpUrl(origin)) == f"{origin}/"
    except ValidationError:
        return False
