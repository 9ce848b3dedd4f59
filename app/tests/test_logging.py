import json
import logging
import sys
from urllib.parse import unquote
from uuid import uuid4

import pytest

from app.core.logging import JsonFormatter, log_context


def formatted(message: str, *args: object, exc_info=None) -> dict:
    record = logging.LogRecord("app.x", logging.WARNING, __file__, 1, message, args, exc_info)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    return json.loads(line)


def test_a_line_is_one_json_object_with_level_and_role(monkeypatch):
    monkeypatch.setenv("SERVICE_TYPE", "celery_logs")
    line = formatted("two\nlines %s", "ünïcode")
    assert (line["level"], line["role"], line["message"]) == ("warning", "celery_logs", "two\nlines ünïcode")


def test_what_is_bound_is_on_every_line_inside_and_none_outside():
    roadmap_id = str(uuid4())
    with log_context(roadmap_id=roadmap_id), log_context(request_id="r"):
        line = formatted("x")
    assert (line["roadmap_id"], line["request_id"]) == (roadmap_id, "r")
    assert "roadmap_id" not in formatted("x")


def test_credentials_in_an_address_are_hidden_even_in_a_traceback():
    try:
        raise OSError("postgresql://u:hunter2@db/app and redis://:hunter2@r:6379")  # noqa: TRY301
    except OSError:
        line = formatted("rediss://default:hunter2@host", exc_info=sys.exc_info())
    assert "hunter2" not in json.dumps(line)
    assert "@db/app" in line["exception"]


@pytest.mark.parametrize("password", ["hunter2secret", "p%22w%20%25rd1", "密码密码密码"])
def test_a_password_that_a_server_repeats_is_hidden(monkeypatch, password):
    """A Redis before version 6 does not know HELLO, and quotes the password in its error."""
    monkeypatch.setenv("REDIS_URL", f"redis://u:{password}@redis:6379/0")
    plain = unquote(password)
    said = f"unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `u`, `{plain}`, and {password}"
    told = JsonFormatter().format(logging.LogRecord("app.x", logging.ERROR, __file__, 1, said, (), None))
    assert plain not in told
    assert plain not in json.loads(told)["message"]
    assert password not in told


def test_a_password_that_is_a_common_word_takes_no_words_out_of_the_log(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://u:redis@redis:6379/0")
    assert formatted("Redis is redis")["message"] == "Redis is redis"
