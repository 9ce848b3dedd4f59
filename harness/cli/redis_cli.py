"""`harness redis-cli`: the stack's Redis."""

import os
import shlex
import shutil
import sys
from typing import Annotated, Any
from urllib.parse import parse_qs, unquote, urlsplit

import typer

from harness.base.exits import Exit
from harness.cli.options import OfRun, running


def redis_cli(
    arguments: Annotated[list[str] | None, typer.Argument(help="One command, such as: LLEN content.")] = None,
    run: OfRun = "",
) -> None:
    """Open redis-cli on the Redis of a running stack; without that program, a plain prompt of our own.

    For example: harness redis-cli LLEN celery
    """
    url = running(run).redis_url
    program = shutil.which("redis-cli") or shutil.which("valkey-cli")
    if program:
        # The password goes into the environment: everybody could read it among the arguments.
        parts = urlsplit(url)
        public = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()
        authority = parse_qs(parts.query).get("ssl_ca_certs", [])
        tls = [word for path in authority for word in ("--cacert", path)]
        environment = os.environ | ({"REDISCLI_AUTH": unquote(parts.password)} if parts.password else {})
        os.execve(program, [program, "-u", public, *tls, *(arguments or [])], environment)  # noqa: S606 - it becomes redis-cli
    if arguments:
        raise typer.Exit(Exit.HOLDS if _Session(url).run(arguments) else Exit.VIOLATED)
    _Session(url).converse()


class _Session:
    def __init__(self, url: str) -> None:
        from redis import Redis

        self._redis: Any = Redis.from_url(url, decode_responses=True, encoding_errors="backslashreplace")

    def run(self, words: list[str]) -> bool:
        """Print the answer to a command; return whether Redis understood it."""
        from redis import RedisError

        # Without the library's conversion of replies: a person wants to see what Redis says.
        self._redis.response_callbacks.clear()
        try:
            print("\n".join(reply_lines(self._redis.execute_command(*words))))
        except RedisError as error:
            print(f"(error) {error}", file=sys.stderr)
            return False
        return True

    def converse(self) -> None:
        """Read and run commands until the end of the input."""
        prompt = "redis> " if sys.stdin.isatty() else ""
        while True:
            try:
                words = shlex.split(input(prompt))
            except EOFError:
                return
            except ValueError as error:
                print(f"(error) {error}", file=sys.stderr)
                continue
            if words and words[0].lower() in {"exit", "quit"}:
                return
            if words:
                self.run(words)


def reply_lines(reply: Any, indent: str = "") -> list[str]:
    """A reply in redis-cli's notation."""
    match reply:
        case None:
            return ["(nil)"]
        case int():
            return [f"(integer) {reply}"]
        case dict():
            return reply_lines([item for pair in reply.items() for item in pair], indent)
        case list() | set() | tuple():
            if not reply:
                return ["(empty array)"]
            found = []
            for number, item in enumerate(reply, 1):
                head = f"{number}) "
                first, *others = reply_lines(item, indent + " " * len(head))
                found += [(indent if number > 1 else "") + head + first, *others]
            return found
    return [str(reply)]
