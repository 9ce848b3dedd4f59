"""A service that listens is reached on its own port, and a service that does not listen has no port."""

import re
from collections.abc import Iterator, Sequence

from harness.deployment.audit.flaw import Flaw
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.railway import PORT


def _judge(subject: Subject) -> Iterator[Flaw]:
    for service in subject.services:
        listens = bool(service.role.ready_path)
        if not listens and service.public_port:
            yield Flaw(
                subject.place(service, "public_port"),
                f"opens {service.public_port} to the internet, but {service.kind} listens on nothing",
                "remove it: this is a background worker",
            )
        elif not listens and PORT in service.variables:
            yield Flaw(
                subject.place(service, PORT),
                f"gives a port to {service.kind}, which listens on nothing",
                "remove it",
            )
        elif listens and not service.public_port:
            yield Flaw(subject.place(service), "has no public_port: nobody reaches it", "public_port = ...")
        elif service.public_port and not _listens_on(service.public_port, service.role.command):
            yield Flaw(
                subject.place(service, "public_port"),
                f"is {service.public_port}, on which {service.kind} does not listen",
                f"its command is: {' '.join(service.role.command)}",
            )


def _listens_on(variable: str, command: Sequence[str]) -> bool:
    """Whether a command uses the variable as its port: `--port {PORT}`, `--port={PORT}`, `-b 0.0.0.0:{PORT}`."""
    return (
        re.search(rf"(?:port[= ]|:)\{{{re.escape(variable)}\}}", " ".join(command), re.IGNORECASE) is not None
    )


PORTS = Rule(
    name="ports",
    states="what listens is public on the port it listens on; no worker has a port",
    why="a port on a worker is a way in that nobody guards, and Railway would probe it in vain",
    judge=_judge,
)
