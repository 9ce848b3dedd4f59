"""A service of a third party."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# Attributes that `system` has already, its own and those of its stack: a scenario reaches a provider as `system.NAME`.
TAKEN = frozenset(
    """
    access all_secrets another api api_url app attach bad_findings begin begin_again broker_url busy check
    clear clear_servers client close cursor database deploy detach ended environment_here environments
    evidence evidence_folder expect_errors expect_errors_while_hurt expect_late expect_violated failed_line
    faults findings first_cursor forgotten given how_to_end inspectable journal judge judged judges known
    last_lines leave_down ledger let_go log_lines log_text mark node nodes nodes_by_role promised providers read
    read_at_failure redis redis_urls reset roles run running sample scenario_journal secrets servers show
    sign_off spec stack start start_role state stop substrate taken tier tls_front too_slow_to_tell
    until_judged url usual_environment wait_until_idle wait_until_ready waiting
    """.split()  # noqa: SIM905 - as a list it would be seventy lines
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A service of a third party that the harness plays: a program of harness.providers, and the client that scripts it.

    Args:
        name: name of its node and links; by default the name that it is declared by.
        module: the program, run as `python -m`.
        options: of the program.
        client: makes a client of it: `client(url)`; has `base_url`, `reset()`, `calls()` and `close()`.
        variable: the variable in which roles get its address.
        path: that the address ends with.
        key: name of the secret that callers must send; none where they need none.
        label: what people are shown; `scripted NAME` by default.
    """

    name: str = ""
    module: str
    options: tuple[str, ...] = ()
    client: Callable[[str], Any]
    variable: str = ""
    path: str = ""
    key: str = ""
    label: str = ""

    @property
    def shown(self) -> str:
        """What people are shown."""
        return self.label or f"scripted {self.name}"
