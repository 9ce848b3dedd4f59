"""Says why Redis cannot be used, in words for the operator: an exception's name alone does not help."""

import logging
import re
from typing import Any

from kombu.exceptions import OperationalError
from redis.exceptions import (
    AskError,
    AuthenticationError,
    BusyLoadingError,
    ClusterCrossSlotError,
    ClusterDownError,
    MasterDownError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)

LOST = "Connection to broker lost"  # Celery's consumer logs it when a link is lost
NO_WORK_COMES = "no work comes though there is some"  # the beat's own error, when the client noticed nothing
# A write that needs memory, but does nothing, since the key does not exist.
TRIAL = ("LPUSHX", "roadmap.trial", "")
_CLOSED = "closed by server"
# The code at the beginning of a server's error; the rest of it may be any text.
_CODE = re.compile(r"[A-Z]{2,20}(?= |$)")
_BY_ACL = "refuses what this user asks for: see to its ACL (NOPERM)"
_A_CLUSTER = "is a cluster, which Celery's broker cannot be: REDIS_URL must lead to a single server"
# Errors with a class in the library, which drops the server's code; special classes before general ones.
_CLASSES: dict[type[RedisError], str] = {
    NoPermissionError: _BY_ACL,
    MasterDownError: "is a replica whose primary is away (MASTERDOWN)",
    ClusterDownError: "is a cluster that is down (CLUSTERDOWN)",
    AskError: _A_CLUSTER,  # the base class of MovedError
    ClusterCrossSlotError: _A_CLUSTER,
    TryAgainError: _A_CLUSTER,
    ReadOnlyError: "refuses writes: it is a replica, and REDIS_URL must lead to the primary (READONLY)",
    OutOfMemoryError: "refuses writes: its memory is full, see maxmemory (OOM)",
    BusyLoadingError: "is starting up, and loads its data (LOADING)",
}
_PHRASES = {
    NO_WORK_COMES: "gives this worker nothing of what waits for it",
    "CERTIFICATE_VERIFY_FAILED": "has a certificate that is not trusted: check the host's name, or name the authority by"
    " ssl_ca_certs in REDIS_URL",
    "WRONG_VERSION_NUMBER": "does not speak TLS: REDIS_URL must begin with redis://",
    "ACL failure in script": _BY_ACL,  # kombu runs scripts, whose errors do not name NOPERM
    "user executing the script": _BY_ACL,  # the same in Redis 6
    "unknown command": "knows not how we log in, or what we ask: Redis 6 or newer is needed",
    "NOAUTH": "wants a password: REDIS_URL has none",
    "Authentication required": "wants a password: REDIS_URL has none",
    "NOREPLICAS": "refuses writes: fewer replicas follow it than its min-replicas-to-write asks for (NOREPLICAS)",
    "MISCONF": "refuses writes: it cannot write to its disk (MISCONF)",
    "DENIED Redis": "is in protected mode and has no password: give it one, or let it bind to the private network alone (DENIED)",
    "DB index is out of range": "has no database of this number: correct it in REDIS_URL, 0 is always there",
    "Only 0th database": "has the database 0 alone, as Upstash: correct the number in REDIS_URL",
    "max number of clients": "has too many clients already",
    "request limit": "has used up the commands of its plan",
    "requests limit": "has used up the commands of its plan",
}


def trouble(error: BaseException, *, met: bool = False) -> str:
    """What is wrong, to follow the word "Redis"; contains no address and no password.

    Args:
        error: that a Redis client raised.
        met: whether this process was connected before: then TLS is not the reason.
    """
    while isinstance(within := error.__cause__, (RedisError, OperationalError)):
        error = within  # kombu and our transport raise it again as another class
    said = str(error)
    if _CLOSED in said:
        return (
            "closed the connection"
            if met
            else "closes the connection at once: if it speaks TLS, as Upstash does, REDIS_URL must begin with rediss://"
        )
    for kind, meaning in _CLASSES.items():
        if isinstance(error, kind):
            return meaning
    for phrase, meaning in _PHRASES.items():
        if phrase in said:
            return meaning
    if isinstance(error, AuthenticationError):
        return "refuses the password in REDIS_URL"
    if isinstance(error, ResponseError):
        code = getattr(error, "status_code", None) or said
        found = _CODE.match(code)
        return f"refuses what is asked of it ({found[0] if found else type(error).__name__})"
    return f"does not answer ({type(error).__name__}): check REDIS_URL"


class Probe:
    """Tests whether Redis takes writes; remembers for this process that it once did."""

    def __init__(self) -> None:
        self._met = False

    async def trouble(self, redis: Any) -> str:
        """What is wrong with Redis; empty if it takes a write.

        Args:
            redis: an asynchronous client.
        """
        try:
            try:
                await redis.execute_command(*TRIAL)
            except ResponseError:
                raise
            except Exception:  # noqa: BLE001 - uvloop's closed handle, for one, is a RuntimeError
                # An idle connection that broke says nothing about Redis: ask again on a new one.
                await redis.connection_pool.disconnect()
                await redis.execute_command(*TRIAL)
        except Exception as error:  # noqa: BLE001 - whatever the client raises, it is not to be used
            return trouble(error, met=self._met)
        self._met = True
        return ""


class Explanation(logging.Filter):
    """Adds an explanation to the lines of Celery's consumer, which have only the client's words and a time.

    Lines about a refused message stay as they are: they are no trouble with Redis.
    """

    def __init__(self) -> None:
        super().__init__()
        self._met = False

    def filter(self, record: logging.LogRecord) -> bool:
        """See logging.Filter: lets every record through."""
        troubles = (OSError, RedisError, OperationalError)
        error = next((value for value in record.args or () if isinstance(value, troubles)), None)
        if error is not None:
            self._met = self._met or LOST in record.getMessage()
            record.msg = f"Redis {trouble(error, met=self._met)}. {record.msg}"
        return True
