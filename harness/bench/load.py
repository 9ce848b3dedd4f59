"""Closed load over bare sockets: a client library would take more of the two cores than what it measures."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Load:
    """What a load has come to.

    Args:
        seconds: from the first request to the last answer.
        bodies: of the answers with the status 202, as JSON.
        refused: first lines of all other answers.
    """

    seconds: float
    bodies: list[Any]
    refused: list[str]

    @property
    def rate(self) -> float:
        """Accepted requests a second."""
        return len(self.bodies) / self.seconds


def post(
    address: str, path: str, body: Mapping[str, Any], clients: Sequence[Mapping[str, str]], count: int
) -> Load:
    """Post the same body again and again, each client as soon as it has its answer.

    Args:
        address: `host:port`.
        path: of the route.
        body: as JSON.
        clients: the headers of each.
        count: requests of all clients together.
    """
    return asyncio.run(_post(address, path, json.dumps(body).encode(), clients, count))


async def _post(
    address: str, path: str, payload: bytes, clients: Sequence[Mapping[str, str]], count: int
) -> Load:
    host, _, port = address.rpartition(":")
    bodies: list[Any] = []
    refused: list[str] = []
    left = iter(range(count))

    async def client(headers: Mapping[str, str]) -> None:
        all_headers = {
            "Host": address,
            "Content-Type": "application/json",
            "Content-Length": str(len(payload)),
            **headers,
        }
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in all_headers.items())]
        request = "\r\n".join([*lines, "", ""]).encode() + payload
        reader, writer = await asyncio.open_connection(host, int(port))
        for _ in left:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.partition("content-length:")[2].partition("\r\n")[0])
            answer = await reader.readexactly(length)
            status_line = head.partition("\r\n")[0]
            if " 202 " in status_line:
                bodies.append(answer)
            else:
                refused.append(f"{status_line} {answer.decode(errors='replace')}")
        writer.close()

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for headers in clients:
            group.create_task(client(headers))
    seconds = time.monotonic() - began
    return Load(seconds, [json.loads(body) for body in bodies], refused)
