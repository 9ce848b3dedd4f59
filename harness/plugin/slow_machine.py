"""What a slow machine changes: limits of time stretch by its factor, and what it cannot tell is unknown."""

from collections.abc import Generator

import pytest

from harness.base.pace import TooSlowToTellError, begin, factor

MARKER = "timeout"  # of pytest-timeout, as its option and its setting are called too


class SlowMachine:
    """A pytest plugin. It must be there before pytest-timeout is configured.

    Args:
        config: pytest's.
        measure: whether to measure the factor; else it is known from the process that has started this one.
    """

    def __init__(self, config: pytest.Config, *, measure: bool) -> None:
        if measure:
            try:
                begin(config.getoption("numprocesses", None) or 1)
            except ValueError as error:
                raise pytest.UsageError(str(error)) from None
        if config.pluginmanager.hasplugin(MARKER) and config.getoption(MARKER) is None:
            usual = float(config.getini(MARKER) or 0)
            config.option.timeout = usual * factor() or None

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """A scenario's own limit stretches as the usual one does."""
        if factor() == 1:
            return
        for item in items:
            marker = item.get_closest_marker(MARKER)
            if marker and marker.args:
                seconds, *others = marker.args
                stretched = pytest.mark.timeout(seconds * factor(), *others, **marker.kwargs)
                item.add_marker(stretched, append=False)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None]:
        """A promised time that was not kept on a machine that is too slow is no failure and no pass."""
        try:
            yield
        except TooSlowToTellError as error:
            pytest.skip(str(error))

    def __str__(self) -> str:
        return f"this machine is busy or slow: waits are {factor():.1f} times as long" if factor() > 1 else ""
