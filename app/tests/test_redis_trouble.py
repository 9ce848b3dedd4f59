import pytest
from redis.exceptions import AuthenticationError, ConnectionError, TimeoutError  # noqa: A004 - they are the client's

from app.core.redis_trouble import trouble


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectionError("Connection closed by server."), "REDIS_URL must begin with rediss://"),
        (
            ConnectionError(
                "Error 1 connecting to host:1. [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"
            ),
            "has a certificate that is not trusted",
        ),
        (
            ConnectionError("Error 1 connecting to host:1. [SSL: WRONG_VERSION_NUMBER] wrong version number"),
            "does not speak TLS",
        ),
        (AuthenticationError("invalid username-password pair or user is disabled."), "refuses the password"),
        (AuthenticationError("Authentication required."), "wants a password"),
        (
            ConnectionError("Error 111 connecting to host:1."),
            "does not answer (ConnectionError): check REDIS_URL",
        ),
        (TimeoutError("Timeout connecting to server"), "does not answer (TimeoutError): check REDIS_URL"),
    ],
)
def test_an_operator_is_told_what_to_change_and_never_the_address(error, said):
    assert said in trouble(error)
    assert "host:1" not in trouble(error)
