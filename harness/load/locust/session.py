"""A Locust process's part in a load test, from its options to its exit code.

A Locust file calls `take_part` once, and keeps its return value among its own names, beside its users:

    Shape = take_part(TRAFFIC, author=Author, reader=Reader)
"""

import logging
import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from locust import events
from locust.env import Environment
from locust.runners import WorkerRunner

from harness.base.exits import Exit
from harness.load.locust import options
from harness.load.locust.collector_client import CollectorClient
from harness.load.locust.demands import TiersError
from harness.load.locust.generator import Generator
from harness.load.locust.judge_client import JudgeClient
from harness.load.locust.payment import refuse_to_pay
from harness.load.locust.refusals import refuse_unknown_certificate, refuse_users
from harness.load.locust.shape import Shape
from harness.load.locust.traffic import TABLE, Traffic
from harness.load.locust.usage import UsageError
from harness.load.locust.users import BROWSE, CREATE, LoadUser, OpenUser

log = logging.getLogger(__name__)


def take_part(traffic: Traffic, *, author: type[OpenUser], reader: type[LoadUser]) -> type[Shape]:
    """Register for Locust's events, from its options on.

    Args:
        traffic: the requests to the service.
        author: class of the users that ask for work, at the times of a schedule.
        reader: class of the users that browse meanwhile.

    Returns:
        The class that a Locust file must have among its names.
    """
    if table := _named_table(sys.argv):
        os.environ[TABLE] = str(Path(table).resolve())
    try:
        traffic.demands  # noqa: B018 - read once, here, where a mistake in it can end the process in a sentence
    except TiersError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(Exit.USAGE)
    generator = Shape.generator = Generator(traffic, author)
    generator.listen(events)

    def begin(environment: Environment, **_: Any) -> None:
        chosen = environment.parsed_options
        assert chosen is not None
        # Locust cannot make a user without any task.
        for user, tag in ((author, CREATE), (reader, BROWSE)):
            if not options.wanted(chosen, tag):
                environment.user_classes.remove(user)
        if not isinstance(environment.runner, WorkerRunner):
            _lead(environment, chosen, generator)

    events.init_command_line_parser.add_listener(lambda parser, **_: options.add(parser, traffic))
    events.init.add_listener(begin)
    return Shape


def _named_table(words: list[str]) -> str:
    """The value of `--table`: its rows are choices of other options, so it must be known before these are read."""
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--table", default="")
    return str(parser.parse_known_args(words)[0].table)


def _lead(environment: Environment, chosen: Namespace, generator: Generator) -> None:
    """The work of the leading process only: refuse loads that must not begin, and let ended ones be judged."""
    try:
        options.profile(chosen)
        refuse_users(chosen)
        if environment.host:
            refuse_unknown_certificate(environment.host, insecure=chosen.insecure)
            refuse_to_pay(chosen, generator.traffic)
        judge = _judge(generator.traffic, chosen, environment.host)
    except UsageError as error:
        log.error(str(error))
        sys.exit(Exit.USAGE)
    if isinstance(judge, JudgeClient):
        environment.host = environment.host or judge.host
        chosen.provider, chosen.speed = chosen.provider or judge.provider, judge.speed
    chosen.speed = chosen.speed or 1.0

    def end(**_: Any) -> None:
        # The exit code after an error below: Locust only logs the error.
        environment.process_exit_code = Exit.USAGE
        folder = generator.write(chosen.record)
        # With --json, stdout holds Locust's own JSON and nothing else.
        out = sys.stderr if chosen.json else sys.stdout
        environment.process_exit_code = Exit.HOLDS if judge is None else judge.judge(folder, out)

    environment.events.quitting.add_listener(end)


def _judge(traffic: Traffic, chosen: Namespace, host: str | None) -> JudgeClient | CollectorClient | None:
    """The judge, which may also start a stack; None where there is none.

    Raises:
        UsageError: the stack could not be started, or one must be given.
    """
    if chosen.collector:
        if not host:
            raise UsageError("--collector needs --host: it judges what a client has seen")
        return CollectorClient(chosen.collector, traffic.notes)
    if not chosen.no_verdict:
        return JudgeClient(
            traffic, chosen.tier, chosen.speed, chosen.load_seed, workload=chosen.workload, stack=not host
        )
    if not host:
        raise UsageError("--no-verdict needs --host: who judges has a deployment")
    return None
