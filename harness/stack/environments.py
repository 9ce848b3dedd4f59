"""What each service of a stack is given: by the deployment's files, with the stack's own servers and secrets."""

from collections.abc import Mapping

from harness.deployment.declaration import Deployment
from harness.substrates.substrate import Substrate


def environments(
    deployment: Deployment, substrate: Substrate, secrets: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """Service -> its variables, as if there were only it: each reaches the servers by links of its own.

    Args:
        deployment: that declares the services.
        substrate: where the stack lives.
        secrets: of the stack.
    """
    return {name: _environment(deployment, substrate, secrets, name) for name in deployment.services}


def _environment(
    deployment: Deployment, substrate: Substrate, secrets: Mapping[str, str], service: str
) -> dict[str, str]:
    given = substrate.given(service)
    return deployment.environments(
        tier=substrate.spec.tier,
        provided={
            "Postgres": {"DATABASE_URL": given.database_url},
            "Redis": {"REDIS_URL": given.redis_url},
        },
        secrets=secrets,
        overrides={"OPENAI_BASE_URL": given.openai_url, **given.trust, **substrate.spec.env},
    )[service]
