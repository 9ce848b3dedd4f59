"""Run the scripted OpenAI by itself."""

import sys
from typing import get_args

import msgspec

from harness.providers.correlation import CorrelationError
from harness.providers.openai.author import AuthorError, find_author
from harness.providers.openai.scenario import Dialect, Scenario, Unscripted
from harness.providers.openai.server import API, FakeOpenAIServer
from harness.providers.openai.strict.checks import shape_of
from harness.providers.openai.strict.description import DescriptionError
from harness.providers.openai.strict.overlay import CHAT
from harness.providers.program import USAGE, correlation_of, parser_of, scenario_of, serve
from harness.providers.scenario import ScenarioError


def main(prog: str = "python -m harness.providers.openai") -> int:
    """Serve until ended.

    Args:
        prog: as the program is called.
    """
    parser = parser_of(prog, __doc__, get_args(Unscripted))
    parser.add_argument(
        "--author", help="who writes answers to prompts of ours: module:name, or path/to/file.py:name"
    )
    parser.add_argument(
        "--lenient", action="store_true", help="let requests pass that the provider would refuse"
    )
    parser.add_argument(
        "--dialect",
        choices=get_args(Dialect),
        help="the most that a response_format may be; the script's word",
    )
    options = parser.parse_args()
    try:
        author = find_author(options.author) if options.author else None
        scenario = scenario_of(options, Scenario)
        if options.dialect:
            scenario = msgspec.structs.replace(scenario, dialect=options.dialect)
        if options.lenient:
            scenario = msgspec.structs.replace(scenario, lenient=True)
        elif not scenario.lenient:
            # Read now, so that a missing description is reported at the start, and no first call waits for it.
            shape_of(CHAT)
        application = FakeOpenAIServer(options.api_key, scenario, correlation_of(options), author)
    except (AuthorError, CorrelationError, DescriptionError, ScenarioError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return USAGE
    serve(application, options, "scripted OpenAI", API)
    return 0


if __name__ == "__main__":
    sys.exit(main())
