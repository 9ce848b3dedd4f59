"""Makes the content of answers that are not scripted, and checks scripted content."""

import json
import re
from functools import lru_cache
from typing import Any, get_args

from harness.providers.errors import RefusedError
from harness.providers.openai.author import Author
from harness.providers.openai.body import Body
from harness.providers.openai.response_format import ANY_OBJECT
from harness.providers.openai.scenario import Dialect
from harness.providers.openai.steps import Reply, ToolCall
from harness.providers.openai.strict.schema_subset import malformed
from harness.providers.openai.synthesis import UnsatisfiableError, synthesise
from harness.providers.space import WRONG_SCRIPT

DIALECTS = get_args(Dialect)  # each needs less of a provider than the one before
FOR_GOOD = {"x-should-retry": "false"}  # the SDK is told not to ask the same again
PLAIN = Reply(content="A short and helpful answer.")
SOME_OBJECT = Reply(content='{"answer": "A short and helpful answer."}')


def made_up(body: Body, seed: int, author: Author | None) -> Reply:
    """A plausible answer, the same for the same request and seed.

    Args:
        body: of the request.
        seed: another one, another answer.
        author: writes content that the schema alone does not determine; None for minimal content that fits.

    Raises:
        RefusedError: no content could be made for the schema.
    """
    tool = _demanded_tool(body)
    if tool is not None:
        return _tool_call(json.dumps(tool))
    wanted = body.format
    if wanted.schema is None:
        return PLAIN
    if wanted is ANY_OBJECT:
        return SOME_OBJECT
    reply = written(author, wanted.name, body.message, seed) if author is not None and wanted.name else None
    return reply or _synthesised(json.dumps(wanted.schema))


@lru_cache(maxsize=1024)
def written(author: Author, schema_name: str, message: str, seed: int) -> Reply | None:
    """The author's answer; None where the author does not know the prompt.

    Args:
        author: asked once for each prompt.
        schema_name: of the structured output.
        message: the last one of the chat.
        seed: another one, another answer.

    Raises:
        RefusedError: the author fails, which is our mistake.
    """
    try:
        found = author(schema_name, message, seed)
    except Exception as error:
        said = f"The author of {schema_name} has failed: {type(error).__name__}: {error}"
        raise RefusedError(said, None, WRONG_SCRIPT, status=501, headers=FOR_GOOD) from error
    return None if found is None else Reply(content=json.dumps(found, ensure_ascii=False))


def check_dialect(body: Body, dialect: Dialect) -> None:
    """Check that a provider of this dialect accepts the requested form of answer.

    Raises:
        RefusedError: 400, in the words of such providers.
    """
    if dialect == DIALECTS[0] or not body.form or DIALECTS.index(body.form) >= DIALECTS.index(dialect):
        return
    if dialect == "text":
        raise RefusedError("'response_format.type' must be 'text'", "response_format", "invalid_value")
    said = "This response_format type is unavailable now"
    raise RefusedError(said, None, "invalid_request_error")


def check(body: Body, reply: Reply, rule: str) -> None:
    """Check that a scripted reply fits the request.

    Raises:
        RefusedError: it does not, and is not marked as wrong; names the place.
    """
    if body.format.schema is None or reply.wrong or reply.refusal is not None or reply.tools:
        return
    content = reply.content
    if isinstance(content, str):
        try:
            content = json.loads(content)
        except ValueError:
            raise _misfit(body, rule, "it is no JSON") from None
    problem = _problem(json.dumps(body.format.schema), json.dumps(content))
    if problem:
        raise _misfit(body, rule, problem)


def _misfit(body: Body, rule: str, problem: str) -> RefusedError:
    said = f"The scripted reply of rule {rule} does not fit {body.format.name or 'the request'}: {problem}"
    return RefusedError(said, None, WRONG_SCRIPT, status=501, headers=FOR_GOOD)


@lru_cache(maxsize=1024)
def _problem(schema: str, content: str) -> str:
    """Where a value does not fit a schema; '' if it does."""
    import jsonschema  # imported here, because it takes a seventh of a second
    import referencing.exceptions

    if problem := malformed(json.loads(schema)):
        return problem
    validator = jsonschema.Draft202012Validator(json.loads(schema))
    try:
        error = jsonschema.exceptions.best_match(validator.iter_errors(json.loads(content)))
    except (referencing.exceptions.Unresolvable, re.error, RecursionError) as failed:
        return f"the schema cannot be followed: {failed}"
    return "" if error is None else f"{error.json_path}: {error.message}"


@lru_cache(maxsize=256)
def _synthesised(schema: str) -> Reply:
    return Reply(content=json.dumps(_fitting(schema), ensure_ascii=False))


@lru_cache(maxsize=256)
def _tool_call(function: str) -> Reply:
    described = json.loads(function)
    arguments = _fitting(json.dumps(described.get("parameters") or {"type": "object"}))
    return Reply(tools=(ToolCall(described["name"], arguments),))


def _fitting(schema: str) -> Any:
    """A value for a schema, proved to fit.

    Raises:
        RefusedError: none was found.
    """
    problem = malformed(json.loads(schema))
    try:
        value = None if problem else synthesise(json.loads(schema))
        problem = problem or _problem(schema, json.dumps(value))
    except UnsatisfiableError as error:
        problem = str(error)
    if problem:
        said = f"Invalid schema: nothing could be made up for it: {problem}"
        raise RefusedError(said, "response_format", "invalid_json_schema")
    return value


def _demanded_tool(body: Body) -> dict[str, Any] | None:
    """The function that must be called, by `tool_choice`; None where the model may choose: then it answers with text."""
    choice = body.choice
    if not body.functions or choice is None or choice in ("none", "auto"):
        return None
    found = next((f for f in body.functions if choice in ("required", f["name"])), None)
    if found is None:
        said = f"Invalid value for 'tool_choice': there is no function {choice!r} among the tools."
        raise RefusedError(said, "tool_choice", "invalid_value")
    return found
