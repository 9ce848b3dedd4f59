"""Run a scripted HTTP service by itself."""

import argparse
import sys
from typing import Any, get_args

import msgspec

from harness.providers.correlation import CorrelationError
from harness.providers.http.scenario import Scenario, Unscripted
from harness.providers.http.server import FakeHttpServer
from harness.providers.http.steps import Reply
from harness.providers.program import USAGE, correlation_of, parser_of, scenario_of, serve
from harness.providers.scenario import ScenarioError


class ReplyError(ValueError):
    """The usual reply is not valid; says why."""


def main() -> int:
    """Serve until ended."""
    parser = parser_of("python -m harness.providers.http", __doc__, get_args(Unscripted))
    parser.add_argument("--status", help="of the usual reply; the script's, or else 200")
    parser.add_argument("--body", help="of the usual reply, in JSON; the script's, or else {}")
    options = parser.parse_args()
    try:
        scenario = scenario_of(options, Scenario)
        scenario = msgspec.structs.replace(scenario, reply=_usual(scenario.reply, options))
        application = FakeHttpServer(options.api_key, scenario, correlation_of(options))
    except (CorrelationError, ReplyError, ScenarioError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return USAGE
    serve(application, options, "scripted HTTP service")
    return 0


def _usual(reply: Reply, options: argparse.Namespace) -> Reply:
    """The answer where no rule decides, by the options or else the script.

    Raises:
        ReplyError: it is not valid.
    """
    said: dict[str, Any] = msgspec.to_builtins(reply)
    try:
        if options.status is not None:
            said["status"] = int(options.status)
        if options.body is not None:
            said |= {"body": msgspec.json.decode(options.body), "text": None}
        return msgspec.convert(said, Reply)
    except ValueError as error:  # msgspec's errors are ValueErrors
        raise ReplyError(f"--status and --body: {error}") from None


if __name__ == "__main__":
    sys.exit(main())
