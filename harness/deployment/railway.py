"""The names that Railway itself reads or provides (docs.railway.com, Variables Reference, August 2026)."""

import re
from collections.abc import Collection, Iterable

DOCKERFILE_PATH = "RAILWAY_DOCKERFILE_PATH"
DRAINING_SECONDS = "RAILWAY_DEPLOYMENT_DRAINING_SECONDS"
OVERLAP_SECONDS = "RAILWAY_DEPLOYMENT_OVERLAP_SECONDS"

PORT = "PORT"  # the variable with the port on which a public service should listen

# Variables that a service may set to configure Railway.
READ = frozenset(
    {
        DOCKERFILE_PATH,
        DRAINING_SECONDS,
        OVERLAP_SECONDS,
        "RAILWAY_HEALTHCHECK_TIMEOUT_SEC",
        "RAILWAY_RUN_UID",
        "RAILWAY_SHM_SIZE_BYTES",
    }
)

# Variables that every build and deployment gets.
PROVIDED = frozenset(
    {
        "RAILWAY_PUBLIC_DOMAIN",
        "RAILWAY_PRIVATE_DOMAIN",
        "RAILWAY_TCP_PROXY_DOMAIN",
        "RAILWAY_TCP_PROXY_PORT",
        "RAILWAY_TCP_APPLICATION_PORT",
        "RAILWAY_PROJECT_NAME",
        "RAILWAY_PROJECT_ID",
        "RAILWAY_ENVIRONMENT",
        "RAILWAY_STATIC_URL",
        "RAILWAY_ENVIRONMENT_NAME",
        "RAILWAY_ENVIRONMENT_ID",
        "RAILWAY_SERVICE_NAME",
        "RAILWAY_SERVICE_ID",
        "RAILWAY_REPLICA_ID",
        "RAILWAY_REPLICA_REGION",
        "RAILWAY_DEPLOYMENT_ID",
        "RAILWAY_SNAPSHOT_ID",
        "RAILWAY_VOLUME_NAME",
        "RAILWAY_VOLUME_MOUNT_PATH",
        "RAILWAY_GIT_COMMIT_SHA",
        "RAILWAY_GIT_AUTHOR",
        "RAILWAY_GIT_BRANCH",
        "RAILWAY_GIT_REPO_NAME",
        "RAILWAY_GIT_REPO_OWNER",
        "RAILWAY_GIT_COMMIT_MESSAGE",
    }
)


def provided(services: Iterable[str]) -> frozenset[str]:
    """Variables that every build and deployment of a project gets: the above, and each service's public domain by its name.

    Args:
        services: their names.
    """
    return PROVIDED | {f"RAILWAY_SERVICE_{re.sub(r'[^A-Z0-9]', '_', name.upper())}_URL" for name in services}


# Variables that have the same value in each service of an environment.
_EVERYWHERE = re.compile(r"RAILWAY_(?:PROJECT_(?:NAME|ID)|ENVIRONMENT(?:_NAME|_ID)?|SERVICE_\w+_URL)")


def is_the_same_everywhere(variable: str) -> bool:
    """Whether it has the same value in every service, as the domains of services have.

    Args:
        variable: that Railway provides.
    """
    return _EVERYWHERE.fullmatch(variable) is not None


# Variables that Railway's own databases provide in addition to the address that services refer to (their templates, November
# 2026).
_SERVERS = {
    "postgres": frozenset(
        {
            *(
                "DATABASE_URL",
                "DATABASE_PRIVATE_URL",
                "DATABASE_PUBLIC_URL",
                "PGHOST",
                "PGPORT",
                "PGUSER",
                "PGPASSWORD",
                "PGDATABASE",
                "PGDATA",
            ),
            *("POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB", "SSL_CERT_DAYS"),
        }
    ),
    "redis": frozenset(
        {
            *(
                "REDIS_URL",
                "REDIS_PRIVATE_URL",
                "REDIS_PUBLIC_URL",
                "REDISHOST",
                "REDISPORT",
                "REDISUSER",
                "REDISPASSWORD",
            ),
            *("REDIS_PASSWORD", "REDIS_AOF_ENABLED", "REDIS_RDB_POLICY"),
        }
    ),
    "mysql": frozenset(
        {
            *(
                "MYSQL_URL",
                "MYSQL_PUBLIC_URL",
                "MYSQLHOST",
                "MYSQLPORT",
                "MYSQLUSER",
                "MYSQLPASSWORD",
                "MYSQLDATABASE",
            ),
            *("MYSQL_ROOT_PASSWORD", "MYSQL_DATABASE"),
        }
    ),
    "mongo": frozenset(
        {
            *("MONGO_URL", "MONGO_PUBLIC_URL", "MONGOHOST", "MONGOPORT", "MONGOUSER", "MONGOPASSWORD"),
            *("MONGO_INITDB_ROOT_USERNAME", "MONGO_INITDB_ROOT_PASSWORD"),
        }
    ),
}  # by the kind of server, as railway-sdk has it


def engine_of(names: Collection[str]) -> str:
    """The kind of Railway's own server that provides these; empty for none.

    Args:
        names: that it is declared to provide.
    """
    return next((engine for engine, own in _SERVERS.items() if own.intersection(names)), "")


def own_of(names: Collection[str]) -> frozenset[str]:
    """All variables of the Railway server that provides these; empty where no such server does.

    Args:
        names: that it is declared to provide.
    """
    return _SERVERS.get(engine_of(names), frozenset())


# A server's own variables on Railway: names in the private network, and names that the internet reaches by the TCP proxy, whose
# certificate is self-signed.
PRIVATE_DOMAIN, PUBLIC_DOMAIN, PROXY_DOMAIN = (
    "sample.railway.internal",
    "sample.up.railway.app",
    "sample.proxy.rlwy.net",
)
SAMPLES = {
    "RAILWAY_PRIVATE_DOMAIN": PRIVATE_DOMAIN,
    "RAILWAY_PUBLIC_DOMAIN": PUBLIC_DOMAIN,
    "RAILWAY_TCP_PROXY_DOMAIN": PROXY_DOMAIN,
    "RAILWAY_TCP_PROXY_PORT": "12345",
    "RAILWAY_TCP_APPLICATION_PORT": "12345",
    "PGPORT": "5432",
    "REDISPORT": "6379",
    "MYSQLPORT": "3306",
    "MONGOPORT": "27017",
    "PGHOST": PRIVATE_DOMAIN,
    "MYSQLHOST": PRIVATE_DOMAIN,
    "MONGOHOST": PRIVATE_DOMAIN,
    "REDISHOST": PRIVATE_DOMAIN,
    "DATABASE_PRIVATE_URL": f"postgresql://postgres:sample@{PRIVATE_DOMAIN}:5432/railway",
    "REDIS_PRIVATE_URL": f"redis://default:sample@{PRIVATE_DOMAIN}:6379",
    "DATABASE_PUBLIC_URL": f"postgresql://postgres:sample@{PROXY_DOMAIN}:5432/railway",
    "REDIS_PUBLIC_URL": f"redis://default:sample@{PROXY_DOMAIN}:6379",
}
