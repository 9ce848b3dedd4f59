"""Celery's remote control, reduced to reading. Anybody who can write to Redis can send its commands to every worker.

A broadcast `shutdown` ends a worker with exit code 0, after which Railway does not start it again; a smaller pool, a cancelled
consumer, a time limit or a rate limit leave work waiting. So this is a list of allowed commands: every other command is refused.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from celery.worker import control, pidbox

log = logging.getLogger(__name__)
LOOKS = (  # commands of Flower and of operators, and the events that Flower needs
    *("ping", "clock", "stats", "conf", "active", "active_queues", "registered"),
    *("reserved", "revoked", "scheduled", "query_task", "enable_events"),
)
LONGEST = 255  # of a name, or a pattern of names
Command = Callable[..., Any]


class Commands(Mapping[str, Command]):
    """Has a command for every name; commands that do more than read answer that they are refused."""

    def __getitem__(self, name: str) -> Command:
        return control.Panel.data[name] if name in LOOKS else _refusal(name)

    def __iter__(self) -> Iterator[str]:
        return iter(LOOKS)

    def __len__(self) -> int:
        return len(LOOKS)


def _refusal(name: str) -> Command:
    def refuse(*_: object, **__: object) -> dict[str, str]:
        log.warning("refused the remote command %r: remote control may only look", name[:LONGEST])
        return {"error": f"{name[:LONGEST]} is refused: remote control may only look"}

    return refuse


class Mailbox(pidbox.Pidbox):
    """Receives a worker's broadcasts."""

    def __init__(self, consumer: Any) -> None:
        super().__init__(consumer)
        self.node.handlers = Commands()

    def on_message(self, body: Any, message: Any) -> None:
        """Run a command in Celery's own form. The message's clock is ignored: it may be any number."""
        del message
        order = read(body, self.node.mailbox.reply_exchange.name)
        if order is None:
            log.warning("refused a remote command that is none")
        else:
            super().on_message(order, None)


def read(body: Any, reply_exchange: str) -> dict[str, Any] | None:
    """The command in a broadcast; None if it has another form than Celery's own.

    Args:
        body: as it was read from JSON.
        reply_exchange: the only exchange to which an answer may go.
    """
    if not isinstance(body, dict) or not _name(body.get("method")):
        return None
    arguments, to, pattern = body.get("arguments") or {}, body.get("destination"), body.get("pattern")
    ticket, reply_to = body.get("ticket"), body.get("reply_to")
    matcher = body.get("matcher")
    sound = (
        isinstance(arguments, dict)
        and (to is None or (isinstance(to, list) and all(map(_name, to))))
        # A regular expression may run without end, and nobody needs one to name a worker.
        and (pattern is None or (_name(pattern) and (matcher is None or matcher == "glob")))
        and (ticket is None or _name(ticket))
        and (reply_to is None or _address(reply_to, reply_exchange))
    )
    names = ("method", "destination", "pattern", "matcher", "ticket", "reply_to")
    return {"arguments": arguments} | {name: body.get(name) for name in names} if sound else None


def _name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST


def _address(value: Any, exchange: str) -> bool:
    return isinstance(value, dict) and value.get("exchange") == exchange and _name(value.get("routing_key"))


def close() -> None:
    """Let every worker of this process use this mailbox."""
    pidbox.Pidbox = Mailbox  # type: ignore[assignment, misc]  # where Celery's consumer looks for it
