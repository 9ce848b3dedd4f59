"""What a role may say while something is away hides nothing else that it says: with the lines of real runs."""

import re

import pytest

from scenarios.roadmaps.expected_errors import CONNECTION_LOST, DATABASE_GONE, REDIS_GONE, STOOD_STILL

WRAPPED = "DBAPIError('(sqlalchemy.dialects.postgresql.asyncpg.Error)"


@pytest.mark.parametrize(
    "said",
    [
        "Frequent restarts detected: RestartFreqExceeded('5 in 1s')",
        "Redis does not answer (ReadOnlyError): check REDIS_URL. consumer: Cannot connect to redis://x/0",
        "Couldn't ack '17671954', reason:network:TimeoutError",
        "Error in timer: server:OutOfMemoryError",
    ],
)
def test_it_may_say_that_redis_is_gone(said):
    assert re.search(REDIS_GONE, said)


@pytest.mark.parametrize(
    "said",
    [
        "Received unregistered task of type 'x'.",
        "Can't decode message body: JSONDecodeError('Expecting value: line 1 column 1 (char 0)')",
        "Received invalid task message: x",
        "Unrecoverable error: AttributeError('x')",
        "Error in timer: TypeError('x')",
    ],
)
def test_a_broken_message_is_still_an_error_while_redis_is_gone(said):
    assert not re.search(REDIS_GONE, f'{{"message": "{said}", "logger": "celery.worker.consumer.consumer"}}')


@pytest.mark.parametrize(
    "raised",
    [
        "ConnectionResetError(104, 'Connection reset by peer')",
        """ConnectionError('PostgreSQL server at "127.0.0.1:1" rejected SSL upgrade')""",
        f"{WRAPPED} connection was closed in the middle of operation')",
        f"{WRAPPED} the database system is starting up')",
        f"{WRAPPED} terminating connection due to unexpected postmaster exit')",
        "InternalError('(sqlalchemy.dialects.postgresql.asyncpg.InternalClientError) cannot switch to state 11')",
    ],
)
def test_it_may_say_that_postgresql_is_gone(raised):
    assert re.search(DATABASE_GONE, f"Task content.generate[1] raised unexpected: {raised}")


@pytest.mark.parametrize(
    "raised",
    [
        f"{WRAPPED} argument of jsonb_to_recordset must be an array of objects')",
        f'{WRAPPED} invalid input syntax for type uuid: "7"\')',
        f"{WRAPPED} canceling statement due to lock timeout')",
        "IntegrityError('(sqlalchemy.dialects.postgresql.asyncpg.UniqueViolationError) duplicate key value')",
        "InternalError('(sqlalchemy.dialects.postgresql.asyncpg.InternalServerError) x')",
        "ValueError('badly formed hexadecimal UUID string')",
    ],
)
def test_a_broken_statement_is_still_an_error_while_postgresql_is_gone(raised):
    assert not re.search(DATABASE_GONE, f"Task content.generate[1] raised unexpected: {raised}")


CLOSING = '{"message": "Exception closing connection <AdaptedConnection <x>>", "exception": "Traceback'


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('{"message": "Fatal error on transport: unexpected connection_lost() call"}', True),
        (f'{CLOSING} SystemExit: 1\\n BrokenPipeError: [Errno 32] Broken pipe"}}', True),
        (f'{CLOSING} ConnectionResetError: [Errno 104] Connection reset by peer"}}', True),
        (f'{CLOSING} RuntimeError: Event loop is closed"}}', False),
    ],
)
def test_it_may_say_that_a_connection_was_lost_that_nobody_used(said, expected):
    assert bool(re.search(CONNECTION_LOST, said)) is expected


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (
            r"File \"/x/asyncio/timeouts.py\", line 115, in __aexit__\n raise TimeoutError from x\nTimeoutError",
            True,
        ),
        (r"BrokenPipeError: [Errno 32] Broken pipe", False),
        (r"RuntimeError: Event loop is closed", False),
    ],
)
def test_a_process_that_stood_still_may_say_that_closing_took_too_long(raised, expected):
    assert bool(re.search(STOOD_STILL, f'{CLOSING} {raised}"}}')) is expected
