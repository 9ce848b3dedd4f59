"""Variables that a program reads without naming them: its interpreter, the C library and common libraries read them."""

from collections.abc import Iterable
from difflib import get_close_matches

NEARLY = 0.85  # of a name's letters
READ = frozenset(
    {
        # the C library, and variables for every program
        *(
            "TZ",
            "LANG",
            "LANGUAGE",
            "PATH",
            "HOME",
            *("TMPDIR", "TMP", "TEMP"),
            *("RES_OPTIONS", "LOCALDOMAIN"),
            "NO_COLOR",
            "MALLOC_ARENA_MAX",
            "LD_PRELOAD",
            "LD_LIBRARY_PATH",
        ),
        # clients of HTTP
        *(
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "NO_PROXY",
            "http_proxy",
            "https_proxy",
            "all_proxy",
            "no_proxy",
        ),
        # TLS
        *(
            "SSL_CERT_FILE",
            "SSL_CERT_DIR",
            "REQUESTS_CA_BUNDLE",
            "CURL_CA_BUNDLE",
            "SSLKEYLOGFILE",
            "OPENSSL_CONF",
        ),
        # servers: gunicorn's and uvicorn's
        *("WEB_CONCURRENCY", "FORWARDED_ALLOW_IPS"),
        # Celery's, and its client's of the broker
        *("KOMBU_LOG_DEBUG", "KOMBU_LOG_CHANNEL", "KOMBU_LOG_CONNECTION"),
        *("C_FORCE_ROOT", "REMAP_SIGTERM", "CELERY_CONFIG_MODULE", "CELERY_LOADER"),
        # the provider's SDK
        *("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_LOG"),
        *("OPENAI_ADMIN_KEY", "OPENAI_CUSTOM_HEADERS", "OPENAI_WEBHOOK_SECRET"),
    }
)
PREFIXES = (
    *("PYTHON", "LC_", "MALLOC_", "GLIBC_"),
    *("UVICORN_", "GUNICORN_", "FLOWER_"),  # one for each option of their command line
    *("OTEL_", "SENTRY_", "DD_", "NEW_RELIC_"),  # monitoring of a program
)


def reads(variable: str, own: Iterable[str]) -> bool:
    """Whether one of them reads it.

    Args:
        variable: its name.
        own: variables of the program; a name that nearly equals one of them is a misspelling of it.
    """
    begins = variable.startswith(PREFIXES) and variable not in PREFIXES
    return variable in READ or (begins and not get_close_matches(variable, own, n=1, cutoff=NEARLY))
