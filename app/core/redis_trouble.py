"""Why Redis cannot be used, in the words of who can change it: an exception's name alone says nothing to an operator."""

import logging

from kombu.exceptions import OperationalError
from redis.exceptions import AuthenticationError, RedisError

NO_WORK_COMES = "no work comes though there is some"  # what the beat says, where the client noticed nothing
_PHRASES = {
    NO_WORK_COMES: "gives this worker nothing of what waits for it",
    "CERTIFICATE_VERIFY_FAILED": "has a certificate that is not trusted: check the host's name, or name the authority by"
    " ssl_ca_certs in REDIS_URL",
    "WRONG_VERSION_NUMBER": "does not speak TLS: REDIS_URL must begin with redis://",
    "closed by server": "closes the connection at once: if it speaks TLS, as Upstash does, REDIS_URL must begin with"
    " rediss://",
    "NOAUTH": "wants a password: REDIS_URL has none",
    "Authentication required": "wants a password: REDIS_URL has none",
}


def trouble(error: BaseException) -> str:
    """What is wrong, for a sentence that begins with Redis; no address and no password is in it.

    Args:
        error: that a Redis client raised.
    """
    said = str(error)
    for phrase, meaning in _PHRASES.items():
        if phrase in said:
            return meaning
    if isinstance(error, AuthenticationError):
        return "refuses the password in REDIS_URL"
    return f"does not answer ({type(error).__name__}): check REDIS_URL"


class Explanation(logging.Filter):
    """Adds the trouble to what Celery's consumer says of it, which is the client's own words and a time.

    What it says of a message that it refuses is no trouble with Redis.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """See logging.Filter: lets every record through."""
        troubles = (OSError, RedisError, OperationalError)
        error = next((value for value in record.args or () if isinstance(value, troubles)), None)
        if error is not None:
            record.msg = f"Redis {trouble(error)}. {record.msg}"
        return True
