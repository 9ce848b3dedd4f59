"""The errors that a role may log while something it needs is away: regular expressions, for scenarios and the nemesis to expect."""

# The moment at which the connection breaks decides which error appears.
REDIS_GONE = (
    "Connection to broker lost|Cannot connect to redis|Frequent restarts detected|Redis closes|not published|Couldn't ack"
    "|Redis does not answer"
    # kombu looks every few seconds for messages that nobody has acknowledged in time, and locks a key for that
    "|Error in timer: server:(OutOfMemory|ReadOnly)Error"
)
# From a task that was running when PostgreSQL ended; the sweeper sends it again.
DATABASE_GONE = (
    "raised unexpected: (InterfaceError|CannotConnectNowError|ConnectionDoesNotExistError|(Admin|Crash)ShutdownError"
    "|Connection(Refused|Reset)?Error|TimeoutError"
    r"|DBAPIError\(.*(connection was closed in the middle of operation|the database system is|terminating connection due to)"
    r"|InternalError\(.*InternalClientError)"
)
# Of a connection that is lost while nobody waits for it any more: asyncpg's, which has no handler for it, and the pool's, where a
# child whose worker was killed ends and closes what PostgreSQL has closed already.
CONNECTION_LOST = r"unexpected connection_lost\(\) call|Exception closing connection <AdaptedConnection.*(BrokenPipe|ConnectionReset)Error"
# From a process that was frozen while it closed a connection: the time-out has expired when it goes on.
STOOD_STILL = r"Exception closing connection <AdaptedConnection.*asyncio/timeouts\.py.*TimeoutError"
