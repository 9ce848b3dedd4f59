"""Effects of a slow machine: time limits are multiplied by its factor, and things that it cannot judge are unknown."""

from collections.abc import Generator

import pytest

from harness.base.pace import TooSlowToTellError, begin, factor

MARKER = "timeout"  # mark of pytest-timeout; its option and its setting have the same name


class SlowMachine:
    """A pytest plugin. It must be there before pytest-timeout is configured.

    Args:
        config: pytest's.
        measure: whether to measure the factor; else the parent process has passed it on.
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
        """Multiply a scenario's own time limit like the usual one."""
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
        """Skip a test whose promised time was not kept on a machine that is too slow: that is no failure and no pass."""
        try:
            yield
        except TooSlowToTellError as error:
            pytest.skip(str(error))

    def __str__(self) -> str:
        return f"this machine is busy or slow: waits are {factor():.1f} times as long" if factor() > 1 else ""
