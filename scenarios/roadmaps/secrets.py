"""The secrets of one stack."""

import secrets
import string


def new_secrets() -> dict[str, str]:
    """New secrets for every stack, strong enough for production."""
    alphabet = string.ascii_letters + string.digits
    password = "".join(secrets.choice(alphabet) for _ in range(20))
    return {
        "JWT_SECRET_KEY": secrets.token_hex(32),
        "ADMIN_PASSWORD": password,
        "OPENAI_API_KEY": f"sk-{secrets.token_hex(16)}",
        "FLOWER_BASIC_AUTH": f"ops:{secrets.token_hex(12)}",
    }
