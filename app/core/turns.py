"""One after the other: what is dear waits for what its own client has asked for before, and for one of each other client's."""

import asyncio
from weakref import WeakValueDictionary

from app.core.client_address import network_of


class Turns:
    """Of each client one at a time. Belongs to one event loop."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, address: str) -> asyncio.Lock:
        """To be held while the work is done. All of a network of IPv6 are one client: who has one address of it may have all.

        Args:
            address: as `client_address` has it.
        """
        return self._locks.setdefault(network_of(address) or address, asyncio.Lock())
