"""The wanted live deployment, and the proof that it is the right build.

Standard library only: a command that runs pytest must not import modules earlier than pytest itself does.
"""

import http.client
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from harness.application import Build

ANSWER_SECONDS = 10.0  # seconds, as for a probe of Railway
OK = 200
CONNECTIONS = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}


class NotThisBuildError(Exception):
    """Another deployment than the wanted one answers."""


@dataclass(frozen=True, slots=True)
class Target:
    """The wanted deployment.

    Args:
        url: of its API.
        commit: that it must be of, or the beginning of it; empty for any.
    """

    url: str
    commit: str = ""


def prove(target: Target, build: Build) -> str:
    """The commit that the deployment names; empty where it names none and any will do.

    Args:
        target: the wanted deployment.
        build: where it says so.

    Raises:
        NotThisBuildError: it does not answer 200 without a redirect, or is of another commit.
    """
    place = f"{target.url}{build.path}"
    status, body = _ask(target, build.path)
    if status != OK:
        raise NotThisBuildError(f"{place} answers {status}, not 200")
    try:
        found = str(json.loads(body)[build.commit] or "") if build.commit else ""
    except (ValueError, KeyError, TypeError):
        raise NotThisBuildError(f"{place} is not that of this service: {body[:100]!r}") from None
    if not found.startswith(target.commit):
        raise NotThisBuildError(
            f"{target.url} is of the commit {found or 'that it does not tell'}, not {target.commit}: "
            "wait until it is deployed, or name another one by --commit"
        )
    return found


def _ask(target: Target, path: str) -> tuple[int, bytes]:
    parts = urlsplit(target.url)
    if parts.scheme not in CONNECTIONS or not parts.hostname:
        raise NotThisBuildError(f"{target.url!r} must look like https://host")
    connection = CONNECTIONS[parts.scheme](parts.hostname, parts.port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", f"{parts.path}{path}")
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise NotThisBuildError(f"{target.url}{path}: {type(error).__name__}: {error}") from None
    finally:
        connection.close()
