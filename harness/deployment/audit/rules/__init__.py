"""The rules. A new one is a file and a line here."""

from harness.audit.finding import Rule
from harness.audit.rules.commands import COMMANDS
from harness.audit.rules.compose import COMPOSE
from harness.audit.rules.connections import CONNECTIONS
from harness.audit.rules.declaration import DECLARATION
from harness.audit.rules.dockerfile import DOCKERFILE
from harness.audit.rules.draining import DRAINING
from harness.audit.rules.entrypoint import ENTRYPOINT
from harness.audit.rules.flower import FLOWER
from harness.audit.rules.guide import GUIDE
from harness.audit.rules.health_check import HEALTH_CHECK
from harness.audit.rules.image import IMAGE
from harness.audit.rules.memory import MEMORY
from harness.audit.rules.migrations import MIGRATIONS
from harness.audit.rules.ports import PORTS
from harness.audit.rules.production import PRODUCTION
from harness.audit.rules.queues import QUEUES
from harness.audit.rules.railway_names import RAILWAY_NAMES
from harness.audit.rules.references import REFERENCES
from harness.audit.rules.roles import ROLES
from harness.audit.rules.same_servers import SAME_SERVERS
from harness.audit.rules.secrets import SECRETS
from harness.audit.rules.tls import TLS
from harness.audit.rules.unread import UNREAD
from harness.audit.rules.unset import UNSET
from harness.audit.rules.values import VALUES

RULES: tuple[Rule, ...] = (
    DECLARATION,
    REFERENCES,
    ROLES,
    QUEUES,
    MIGRATIONS,
    DOCKERFILE,
    COMMANDS,
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
    FLOWER,
    RAILWAY_NAMES,
    COMPOSE,
    GUIDE,
)

__all__ = ["DECLARATION", "RULES"]
