"""Why Redis cannot be used, in the words of who can change it: an exception's name alone says nothing to an operator."""

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

LOST = "Connection to broker lost"  # what Celery's consumer says of a link that there was
NO_WORK_COMES = "no work comes though there is some"  # what the beat says, where the client noticed nothing
# a write that takes memory and, on a key that nobody has, does nothing
TRIAL = ("LPUSHX", "roadmap.trial", "")
_CLOSED = "closed by server"
# With which a server's error begins; all else of it may be anything.
_CODE = re.compile(r"[A-Z]{2,20}(?= |$)")
_BY_ACL = "refuses what this user asks for: see to its ACL (NOPERM)"
_A_CLUSTER = "is a cluster, which Celery's broker cannot be: REDIS_URL must lead to a single server"
# What the library has a class for, the special before the general: it keeps the server's words and drops the code.
_CLASSES: dict[type[RedisError], str] = {
    NoPermissionError: _BY_ACL,
    MasterDownError: "is a replica whose primary is away (MASTERDOWN)",
    ClusterDownError: "is a cluster that is down (CLUSTERDOWN)",
    AskError: _A_CLUSTER,  # MovedError is one
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
    "ACL failure in script": _BY_ACL,  # kombu has some, in which NOPERM is not told as such
    "user executing the script": _BY_ACL,  # the same of Redis 6
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
    """What is wrong, for a sentence that begins with Redis; no address and no password is in it.

    Args:
        error: that a Redis client raised.
        met: whether this process has been connected before: then it is no question of TLS.
    """
    while isinstance(within := error.__cause__, (RedisError, OperationalError)):
        error = within  # kombu and our transport raise it anew, with its words and another class
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
    """Whether Redis takes what it must; remembers for this process that it once did."""

    def __init__(self) -> None:
        self._met = False

    async def trouble(self, redis: Any) -> str:
        """What is wrong with it; empty where it takes a write.

        Args:
            redis: an asynchronous client.
        """
        try:
            try:
                await redis.execute_command(*TRIAL)
            except ResponseError:
                raise
            except Exception:  # noqa: BLE001 - uvloop's closed handle, for one, is a RuntimeError
                # A connection that broke while nobody looked says nothing about Redis: ask again on a new one.
                await redis.connection_pool.disconnect()
                await redis.execute_command(*TRIAL)
        except Exception as error:  # noqa: BLE001 - whatever the client raises, it is not to be used
            return trouble(error, met=self._met)
        self._met = True
        return ""


class Explanation(logging.Filter):
    """Adds the trouble to what Celery's consumer says of it, which is the client's own words and a time.

    What it says of a message that it refuses is no trouble with Redis.
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
