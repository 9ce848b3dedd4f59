"""The errors that a role may log while something it needs is away: regular expressions, for scenarios and the nemesis to expect."""

# Which of them appears depends on the moment in which the connection breaks. Celery's consumer has a dozen words for it.
REDIS_GONE = (
    r'"logger": "(celery\.worker\.(consumer|pidbox)|kombu)[".]'
    "|Redis closes|not published|Couldn't ack|Redis does not answer"
)
# Of a task that was at work when PostgreSQL went; the sweeper sends it again.
DATABASE_GONE = (
    "raised unexpected: (DBAPIError|InterfaceError|InternalError|CannotConnectNowError|ConnectionDoesNotExistError"
    "|(Admin|Crash)ShutdownError|Connection(Refused|Reset)?Error|TimeoutError)"
)
# Of a connection that is lost while nobody waits for it any more: asyncpg's, which has no handler for it.
CONNECTION_LOST = r"unexpected connection_lost\(\) call"
