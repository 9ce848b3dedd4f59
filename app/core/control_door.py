"""Celery's remote control, which whoever can write to Redis has of every worker: here it can look, and nothing else.

A broadcast `shutdown` ends a worker with exit code 0, after which Railway starts it no more; a pool that is shrunk, a consumer that is
cancelled, a time limit or a rate limit leave work waiting. So it is no list of what is forbidden: what is not known to look only is refused.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from celery.worker import control, pidbox

log = logging.getLogger(__name__)
LOOKS = (  # what Flower and an operator ask for, and what Flower needs to be told of tasks
    *("ping", "clock", "stats", "conf", "active", "active_queues", "registered"),
    *("reserved", "revoked", "scheduled", "query_task", "enable_events"),
)
LONGEST = 255  # of a name, or a pattern of names
Command = Callable[..., Any]


class Commands(Mapping[str, Command]):
    """Every command there could be; those that do more than look answer that they are refused."""

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
    """A worker's ear for broadcasts."""

    def __init__(self, consumer: Any) -> None:
        super().__init__(consumer)
        self.node.handlers = Commands()

    def on_message(self, body: Any, message: Any) -> None:
        """Obey what is an order in Celery's own form. The message's clock is nobody's business: it may be any number."""
        del message
        order = read(body, self.node.mailbox.reply_exchange.name)
        if order is None:
            log.warning("refused a remote command that is none")
        else:
            super().on_message(order, None)


def read(body: Any, reply_exchange: str) -> dict[str, Any] | None:
    """The order that a broadcast is; None for what has another form than Celery's own.

    Args:
        body: as it was read from JSON.
        reply_exchange: where alone an answer may go.
    """
    if not isinstance(body, dict) or not _name(body.get("method")):
        return None
    arguments, to, pattern = body.get("arguments") or {}, body.get("destination"), body.get("pattern")
    ticket, reply_to = body.get("ticket"), body.get("reply_to")
    matcher = body.get("matcher")
    sound = (
        isinstance(arguments, dict)
        and (to is None or (isinstance(to, list) and all(map(_name, to))))
        # A regular expression may take for ever; nobody needs one to name a worker.
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
    """Let every worker of this process listen through it."""
    pidbox.Pidbox = Mailbox  # type: ignore[assignment, misc]  # where Celery's consumer looks for it
