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
    # Loading the public certificate authorities takes longer than most of our requests; without TLS they are not needed.
    return httpx.Client(
        base_url=base_url,
        timeout=timeout,
        trust_env=False,
        verify=not base_url.startswith("http://"),
        **options,
    )


def http_get(url: str, timeout: float = 5.0, **options: Any) -> httpx.Response:
    """Get one answer, by a new client that is as cheap to make.

    Args:
        url: to get.
        timeout: seconds.
        options: for httpx.Client.get.

    Raises:
        httpx.HTTPError: there was none.
    """
    with http_client(url, timeout) as client:
        return client.get(url, **options)
