"""The promise of a scenario, in one sentence."""

import inspect

import pytest


def sentence_of(item: pytest.Item) -> str:
    """The first line of its docstring, with the case where there are several; else its name.

    Args:
        item: the scenario.
    """
    written = inspect.getdoc(item.obj) if isinstance(item, pytest.Function) else None
    if not written:
        return item.name
    case = item.name.removeprefix(getattr(item, "originalname", item.name))
    return f"{written.splitlines()[0]} {case}".rstrip()
