"""Lets expensive work run one by one for each client: it waits for its own client's earlier work, and for one piece of each other's."""

import asyncio
from weakref import WeakValueDictionary

from app.core.client_address import network_of


class Turns:
    """One lock for each client. Belongs to one event loop."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, address: str) -> asyncio.Lock:
        """The lock to hold during the work. An IPv6 network counts as one client, because a client may have all its addresses.

        Args:
            address: from `client_address`.
        """
        return self._locks.setdefault(network_of(address) or address, asyncio.Lock())
