"""Load on a deployment, as any Locust file: `locust -f loadtests/locustfile.py --host URL`; without one, on a stack it starts.

This process must never import `app` or `harness`: Locust has patched its world (gevent). What needs them stands beside it.
"""

import logging
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1]))  # `locust -f` knows only this file's own folder

from locust import events
from locust.env import Environment
from locust.runners import WorkerRunner

from harness.base.exits import Exit
from harness.load.locust import options
from harness.load.locust.generator import Generator, Profile, refuse_to_pay
from harness.load.locust.judge_client import JudgeClient
from loadtests.users import BROWSE, CREATE, Author, Reader

__all__ = ["Author", "Profile", "Reader"]
log = logging.getLogger(__name__)
generator = Profile.generator = Generator()
generator.listen(events)


def _init(environment: Environment, **_: Any) -> None:
    chosen = environment.parsed_options
    assert chosen is not None
    # A user whose every task was left out could not be made at all.
    for user, tag in ((Author, CREATE), (Reader, BROWSE)):
        if not options.wanted(chosen, tag):
            environment.user_classes.remove(user)
    if isinstance(environment.runner, WorkerRunner):
        return
    try:
        options.profile(chosen)
        if environment.host:
            refuse_to_pay(chosen)
        judge = _attendant(chosen, environment.host)
    except options.UsageError as error:
        log.error(str(error))
        sys.exit(Exit.USAGE)
    if judge is not None:
        environment.host = environment.host or judge.host
        chosen.provider, chosen.speed = chosen.provider or judge.provider, judge.speed
    chosen.speed = chosen.speed or 1.0

    def judge(**_: Any) -> None:
        environment.process_exit_code = (
            Exit.USAGE
        )  # stays, should anything below go wrong: Locust only logs it
        folder = generator.write(chosen.record)
        environment.process_exit_code = Exit.HOLDS if judge is None else judge.judge(folder)

    environment.events.quitting.add_listener(judge)


def _attendant(chosen: Any, host: str | None) -> JudgeClient | None:
    """Who starts a stack and judges; nobody, where somebody else does both.

    Raises:
        options.UsageError: the stack could not be started, or somebody else should have started one.
    """
    if not chosen.no_verdict:
        return JudgeClient(chosen.tier, chosen.speed, chosen.load_seed, stack=not host)
    if not host:
        raise options.UsageError("--no-verdict needs --host: who judges has a deployment")
    return None


events.init_command_line_parser.add_listener(lambda parser, **_: options.add(parser))
events.init.add_listener(_init)
