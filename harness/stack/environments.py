"""The variables of a role: as the application declares them, with the stack's own servers and secrets."""

from collections.abc import Mapping

from harness.application import Addresses, App, Role
from harness.application.dotenv import variables_of
from harness.application.templates import fill, values


def environment(
    app: App,
    role: Role,
    *,
    tier: str,
    at: Addresses,
    secrets: Mapping[str, str],
    overrides: Mapping[str, str],
) -> dict[str, str]:
    """The variables of a role.

    Args:
        app: whose role it is.
        role: of it.
        tier: name of the row that the stack runs at.
        at: the addresses of the servers for this role.
        secrets: of the stack.
        overrides: variables that replace all others.

    Raises:
        DeclarationError: a template uses an unknown name.
    """
    if app.environment is not None:
        return dict(app.environment(role, tier=tier, at=at, secrets=secrets, overrides=overrides))
    known = values(at, secrets)
    declared = {name: fill(value, known) for name, value in {**app.env, **role.env}.items()}
    return {**at.trust, **variables_of(app), **declared, **overrides}
