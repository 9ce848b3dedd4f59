"""Clients that arrive at random times and insist: each asks again with the same key until it has its 202."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

import httpx

from harness.experiments.nemesis.asking import Asks
from harness.experiments.nemesis.schedule import Arrival
from harness.stack.running import Running

CLIENTS = 64  # at once
PATIENCE_SECONDS = 120.0  # seconds of patience of a client, with all its tries
AGAIN_SECONDS = 1.0  # seconds before the next try
HEALTH_SECONDS = 0.5  # seconds between two health checks


class OpenLoad:
    """Asks for work at its times, independent of earlier requests, and checks the health meanwhile.

    Args:
        running: that is asked.
        asks: for work.
        arrivals: who comes.
        health: path of the health check; empty for none.
    """

    def __init__(self, running: Running, asks: Asks, arrivals: Iterator[Arrival], health: str = "") -> None:
        self._arrivals = arrivals
        self._asks = asks
        self._health = health
        self._probe = running.client()
        self._closed = threading.Event()  # set when no further clients arrive
        self._left = threading.Event()  # set when clients must stop waiting
        self._pool = ThreadPoolExecutor(CLIENTS)
        self._orders: list[Future[bool]] = []
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for name, work in (("arrivals", self._arrive), ("health", self._look))
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop all clients that are still there."""
        self._left.set()
        self._join()
        self._pool.shutdown(cancel_futures=True)
        self._asks.close()
        self._probe.close()

    def close_doors(self) -> None:
        """Let no further clients arrive; the present ones go on asking."""
        self._closed.set()

    def finish(self) -> int:
        """Wait until every client has an answer or has given up; return how many have given up.

        Raises:
            Exception: a client met what no client should.
        """
        self._join()
        return sum(not order.result() for order in self._orders)

    def _join(self) -> None:
        self.close_doors()
        for thread in self._threads:
            thread.join()

    def ask_how_it_goes(self) -> None:
        """Raise a client's error early.

        Raises:
            Exception: a client met what no client should.
        """
        for order in list(self._orders):
            if order.done():
                order.result()

    @property
    def accepted(self) -> int:
        """Clients who have their 202 so far."""
        return sum(order.done() and not order.exception() and order.result() for order in self._orders)

    @property
    def came(self) -> int:
        """Clients so far."""
        return len(self._orders)

    def _arrive(self) -> None:
        began = time.monotonic()
        for arrival in self._arrivals:
            if self._closed.wait(max(0.0, began + arrival.at - time.monotonic())):
                return
            self._orders.append(self._pool.submit(self._order, arrival))

    def _order(self, arrival: Arrival) -> bool:
        """Whether it was accepted."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until and not self._left.is_set():
            if self._asks.ask(arrival):
                if arrival.repeated:
                    self._asks.ask(arrival)
                return True
            self._left.wait(AGAIN_SECONDS)
        return False

    def _look(self) -> None:
        while self._health and not self._closed.wait(HEALTH_SECONDS):
            try:
                self._probe.request("GET", self._health)
            except httpx.TransportError:
                continue  # it is in the journal
