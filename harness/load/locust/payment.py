"""Makes sure that nobody pays a provider by mistake: before a load begins, its scripted provider must answer as one."""

import json
from argparse import Namespace
from urllib.request import ProxyHandler, build_opener

from harness.load.locust.traffic import Traffic
from harness.load.locust.usage import UsageError

PROVIDER_SECONDS = 5.0
# Uses no proxy of the environment, as the load itself uses none.
DIRECT = build_opener(ProxyHandler({}))


def refusal_to_pay(traffic: Traffic, provider: str, *, allow_paid: bool) -> str:
    """Why a load must not begin, so that a command can refuse it before it starts anything; empty where it may.

    Args:
        traffic: what is asked of the service.
        provider: address of the scripted one.
        allow_paid: whether somebody pays.
    """
    try:
        refuse_to_pay(Namespace(provider=provider, allow_paid=allow_paid), traffic)
    except UsageError as error:
        return str(error)
    return ""


def refuse_to_pay(chosen: Namespace, traffic: Traffic) -> None:
    """Refuse a load that might cost money, unless the user has agreed to pay.

    Args:
        chosen: options of the command line.
        traffic: what is asked of the service.

    Raises:
        UsageError: there is no proof that the provider is a scripted one.
    """
    if chosen.allow_paid or not traffic.paid:
        return
    if not chosen.provider:
        raise UsageError(
            f"each {traffic.noun} would cost money if a real provider is behind that address: give --provider with the "
            "address of the scripted one, or --allow-paid"
        )
    address = f"{chosen.provider.rstrip('/').removesuffix('/v1')}/__fake/calls?request=none"
    try:
        with DIRECT.open(address, timeout=PROVIDER_SECONDS) as answer:
            calls = json.load(answer)
    except (OSError, ValueError) as error:
        raise UsageError(f"no scripted provider answers at {address}: {error}") from None
    if not isinstance(calls, list):
        raise UsageError(f"no scripted provider answers at {address}, but something else")
