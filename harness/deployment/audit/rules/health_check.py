"""A deploy of the service that people use waits for a route that answers 200; deploys of other services wait for none."""

import ast
from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.references import did_you_mean

Route = ast.FunctionDef | ast.AsyncFunctionDef


def _routes(source: str) -> dict[str, Route]:
    """Path -> function of the routes with GET, read without importing the application, which takes a second."""
    found: dict[str, Route] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for call in node.decorator_list:
                match call:
                    case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(path)), *_]):
                        found[path] = node
    return found


def _judge(subject: Subject) -> Iterator[Flaw]:
    program = subject.program
    try:
        routes = _routes(subject.text(program.health_routes) or "") if program.health_routes else None
    except (SyntaxError, ValueError) as error:  # ValueError is raised for a null byte
        line = error.lineno or 0 if isinstance(error, SyntaxError) else 0
        yield Flaw(Place(program.health_routes, line), f"is no Python: {error}", "correct that line")
        return
    for service in subject.services:
        place = subject.place(service, "health_check")
        if service.kind != program.asked:
            if service.health_check:
                yield Flaw(place, f"{service.name} has a health check, {service.health_check}", "remove it")
        elif not service.health_check:
            yield Flaw(
                subject.place(service), "has no health check", f'health_check = "{program.health_check}"'
            )
        elif routes is None:
            continue  # its routes cannot be read
        elif service.health_check not in routes:
            slash = service.health_check.rstrip("/") in routes
            why = "redirects, which Railway takes for a failure" if slash else "is no route"
            yield Flaw(
                place,
                f"{service.health_check} {why}; {did_you_mean(service.health_check, routes)}",
                "name a route",
            )
        elif _awaits(routes[service.health_check]):
            yield Flaw(
                place,
                f"{service.health_check} asks others, such as the database, and answers 503 without them",
                f"name {program.health_check}, which asks nobody: the others are deployed by themselves",
            )


def _awaits(function: Route) -> bool:
    return any(isinstance(node, ast.Await) for node in ast.walk(function))


HEALTH_CHECK = Rule(
    name="health_check",
    states="what people ask, and that alone, has a health check: a route that answers 200, never redirects and touches nothing else",
    why="Railway deploys only what answers exactly 200; a worker answers nothing, so its deploys would all fail after 300 s",
    judge=_judge,
    of_files=True,
)
