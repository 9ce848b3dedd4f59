#!/usr/bin/env python
"""Checks whether the role in this container does its work: docker-compose.yml needs such a check for each role.

A role with a health page is asked there. A worker touches a file whenever it has told the database that it consumes, every few
seconds: to look at that needs no command of Redis and no import, and it detects a worker that is stuck, has lost its broker or
cannot reach the database. Exits 0 or 1.
"""

import http.client
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from app.core.listening import asked_at
from app.roles import ROLES, STALE_SECONDS, Ready, Role, beat_file

ANSWER_SECONDS = 4


def why_not(role: Role) -> str:
    """Why the role does not do its work; empty if it does."""
    return _not_consuming(role) if role.ready is Ready.CANARY else _no_answer(role)


def _not_consuming(role: Role) -> str:
    try:
        age = time.time() - beat_file(role).stat().st_mtime
    except FileNotFoundError:
        return "it has never consumed"
    return "" if age < STALE_SECONDS else f"it has last been consuming {age:.0f} s ago"


def _no_answer(role: Role) -> str:
    command = " ".join(role.command)
    ports = {"{PORT}": "8000", "{FLOWER_PORT}": "5555"}
    port = next(os.environ.get(word[1:-1], usual) for word, usual in ports.items() if word in command)
    page = f"http://{asked_at(os.environ.get('HOST', '') if '{HOST}' in command else '')}:{port}{role.ready_path}"
    nearby = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # whatever http_proxy says
    try:
        with nearby.open(page, timeout=ANSWER_SECONDS):
            return ""
    except urllib.error.HTTPError as error:
        return f"{page} answered {error.code}: {error.read().decode(errors='replace')}"
    except (
        OSError,
        ValueError,
        http.client.HTTPException,
    ) as error:  # HOST and PORT may be no address at all
        return f"{page}: {error}"


if __name__ == "__main__":
    sys.exit(why_not(ROLES[os.environ["SERVICE_TYPE"]]) or 0)
