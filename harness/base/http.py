"""The harness's own HTTP client, cheap to make: every scenario makes several."""

from typing import Any

import httpx


def http_client(base_url: str, timeout: float, **options: Any) -> httpx.Client:
    """A client that takes nothing from the caller's environment: no proxy, no .netrc may come between us and a stack.

    Args:
        base_url: of everything it asks for.
        timeout: seconds.
        options: for httpx.Client.
    """
    # The certificates of the world's authorities take longer to load than most of our answers take; nobody needs them
    # without TLS.
    return httpx.Client(
        base_url=base_url,
        timeout=timeout,
        trust_env=False,
        verify=not base_url.startswith("http://"),
        **options,
    )
