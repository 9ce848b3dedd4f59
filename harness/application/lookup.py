"""Which application the harness works on: the one that the project's pyproject.toml names."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from harness.application.app import App
from harness.application.closed import refuse_outside
from harness.application.error import DeclarationError
from harness.application.place import placed
from harness.base import project

STACK = "stack"  # of [tool.harness]: where the application is declared

_used: list[App] = []  # replace the project's application; the last one counts


@contextmanager
def using(app: App) -> Iterator[App]:
    """Make it the current application as long as the context lasts, whatever the project names.

    Args:
        app: the application that is used meanwhile.
    """
    _used.append(app)
    try:
        yield app
    finally:
        _used.remove(app)


def current() -> App:
    """The application of the project that the harness works on, as its pyproject.toml names it; see also `using`.

    Raises:
        DeclarationError: it names no application, or the object that it names does not exist or is no App.
    """
    return _used[-1] if _used else _declared(project.root())


@cache
def _declared(root: Path) -> App:
    file = root / project.FILE
    try:
        named = (project.settings(root) or {}).get(STACK, "")
    except ValueError as error:
        raise DeclarationError(f"{file} cannot be read: {error}") from None
    module, _, attribute = named.partition(":") if isinstance(named, str) else ("", "", "")
    if not (module and attribute):
        said = f"says {STACK} = {named!r}" if named else "names no application"
        raise DeclarationError(f'{file} {said}: write [tool.{project.TABLE}] {STACK} = "module:name"')
    project.import_root()
    try:
        found = getattr(importlib.import_module(module), attribute, None)
    except (DeclarationError, TypeError) as error:
        raise placed(error, root) from error
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # an error in the application's own imports is raised as it is
        raise DeclarationError(f"{file} names {named}, but there is no module {error.name}") from None
    except SystemExit as ended:  # its exit code would be taken for our own verdict
        raise DeclarationError(
            f"{file} names {named}, which ends the program when it is imported: {ended!r}"
        ) from None
    if not isinstance(found, App):
        what = "not there" if found is None else f"of the type {type(found).__name__}"
        raise DeclarationError(f"{file} names {named}, which is {what} and no harness.application.App")
    try:
        refuse_outside(found)
    except DeclarationError as error:
        raise placed(error, root, module) from None
    return found
