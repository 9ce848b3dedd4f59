"""The names that Railway itself reads or provides (docs.railway.com, Variables Reference, August 2026)."""

DOCKERFILE_PATH = "RAILWAY_DOCKERFILE_PATH"
DRAINING_SECONDS = "RAILWAY_DEPLOYMENT_DRAINING_SECONDS"
OVERLAP_SECONDS = "RAILWAY_DEPLOYMENT_OVERLAP_SECONDS"

PORT = "PORT"  # on which a public service is expected to listen

# What a service may set to configure Railway.
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

# What every build and deployment is given.
PROVIDED = frozenset(
    {
        "RAILWAY_PUBLIC_DOMAIN",
        "RAILWAY_PRIVATE_DOMAIN",
        "RAILWAY_TCP_PROXY_DOMAIN",
        "RAILWAY_TCP_PROXY_PORT",
        "RAILWAY_TCP_APPLICATION_PORT",
        "RAILWAY_PROJECT_NAME",
        "RAILWAY_PROJECT_ID",
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

# What a server's own variables are on Railway: the private network's names, and those that the internet reaches by the TCP
# proxy, whose certificate is the server's own and signed by nobody.
PRIVATE_DOMAIN, PUBLIC_DOMAIN, PROXY_DOMAIN = (
    "sample.railway.internal",
    "sample.up.railway.app",
    "sample.proxy.rlwy.net",
)
SAMPLES = {
    "RAILWAY_PRIVATE_DOMAIN": PRIVATE_DOMAIN,
    "RAILWAY_PUBLIC_DOMAIN": PUBLIC_DOMAIN,
    "RAILWAY_TCP_PROXY_DOMAIN": PROXY_DOMAIN,
    "PGHOST": PRIVATE_DOMAIN,
    "REDISHOST": PRIVATE_DOMAIN,
    "DATABASE_PUBLIC_URL": f"postgresql://postgres:sample@{PROXY_DOMAIN}:5432/railway",
    "REDIS_PUBLIC_URL": f"redis://default:sample@{PROXY_DOMAIN}:6379",
}
