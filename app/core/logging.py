"""One JSON object a line on stdout: what Railway's log viewer parses, and what the harness reads.

The levels and handlers are in logging.json, which uvicorn and the workers load alike.
"""

import json
import logging
import logging.config
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

CONFIG_FILE = Path(__file__).with_name("logging.json")
# Characters that json.dumps leaves as they are, though a terminal obeys them or a viewer ends the line at them: C1, U+2028,
# U+2029, and those that change the direction of writing.
_OBEYED = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]*:[^/\s@]*(?=@)")

ADDRESSES = ("REDIS_URL", "DATABASE_URL")  # a server that is too old quotes the password in its error
SHORTEST_PASSWORD = 6  # hiding a shorter one would remove ordinary words from every line

_context: ContextVar[dict[str, str]] = ContextVar("log_context", default={})  # noqa: B039 - never changed in place


@contextmanager
def log_context(**fields: str) -> Iterator[None]:
    """Every line logged inside carries these fields, such as request_id and roadmap_id."""
    token = _context.set(_context.get() | fields)
    try:
        yield
    finally:
        _context.reset(token)


@lru_cache(maxsize=4)
def _passwords(*addresses: str) -> re.Pattern[str] | None:
    """A pattern for their passwords in a line of JSON, both escaped and plain."""
    found: set[str] = set()
    for address in addresses:
        userinfo = address.partition("://")[2].rpartition("@")[0]
        password = userinfo.partition(":")[2]
        found |= {json.dumps(form, ensure_ascii=False)[1:-1] for form in (password, unquote(password))}
    long = sorted((form for form in found if len(form) >= SHORTEST_PASSWORD), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, long))) if long else None


class JsonFormatter(logging.Formatter):
    """Renders a record without the credentials inside addresses."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "role": os.environ.get("SERVICE_TYPE", ""),
            "logger": record.name,
            "pid": record.process,
            "process": record.processName,
            **_context.get(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        text = _OBEYED.sub(
            lambda found: f"\\u{ord(found[0]):04x}", json.dumps(line, ensure_ascii=False, default=str)
        )
        text = _CREDENTIALS.sub("***:***", text)
        secrets = _passwords(*(os.environ.get(name, "") for name in ADDRESSES))
        return secrets.sub("***", text) if secrets else text


def configure_logging(level: str = "info") -> None:
    """Log as logging.json says.

    Args:
        level: of the root logger, a name of the logging module in any case.
    """
    logging.config.dictConfig(json.loads(CONFIG_FILE.read_text()))
    logging.captureWarnings(True)  # otherwise warnings go to stderr in another form
    logging.getLogger().setLevel(level.upper())
