"""The rules that hold for any application; an application declares its own rules itself. A new rule is a file and a line here."""

from harness.deployment.audit.rule import Rule
from harness.deployment.audit.rules.commands import COMMANDS
from harness.deployment.audit.rules.compose import COMPOSE
from harness.deployment.audit.rules.compose_data import COMPOSE_DATA
from harness.deployment.audit.rules.config_as_code import CONFIG_AS_CODE
from harness.deployment.audit.rules.connections import CONNECTIONS
from harness.deployment.audit.rules.declaration import DECLARATION
from harness.deployment.audit.rules.dockerfile import DOCKERFILE
from harness.deployment.audit.rules.draining import DRAINING
from harness.deployment.audit.rules.entrypoint import ENTRYPOINT
from harness.deployment.audit.rules.health_check import HEALTH_CHECK
from harness.deployment.audit.rules.image import IMAGE
from harness.deployment.audit.rules.memory import MEMORY
from harness.deployment.audit.rules.migrations import MIGRATIONS
from harness.deployment.audit.rules.ports import PORTS
from harness.deployment.audit.rules.production import PRODUCTION
from harness.deployment.audit.rules.railway_names import RAILWAY_NAMES
from harness.deployment.audit.rules.readable import READABLE
from harness.deployment.audit.rules.references import REFERENCES
from harness.deployment.audit.rules.roles import ROLES
from harness.deployment.audit.rules.same_servers import SAME_SERVERS
from harness.deployment.audit.rules.secrets import SECRETS
from harness.deployment.audit.rules.tls import TLS
from harness.deployment.audit.rules.unread import UNREAD
from harness.deployment.audit.rules.unset import UNSET
from harness.deployment.audit.rules.values import VALUES

RULES: tuple[Rule, ...] = (
    DECLARATION,
    READABLE,
    REFERENCES,
    ROLES,
    MIGRATIONS,
    DOCKERFILE,
    COMMANDS,
    CONFIG_AS_CODE,
    ENTRYPOINT,
    IMAGE,
    PORTS,
    HEALTH_CHECK,
    DRAINING,
    CONNECTIONS,
    MEMORY,
    UNSET,
    UNREAD,
    VALUES,
    PRODUCTION,
    SECRETS,
    SAME_SERVERS,
    TLS,
    RAILWAY_NAMES,
    COMPOSE,
    COMPOSE_DATA,
)

__all__ = ["DECLARATION", "READABLE", "RULES"]
