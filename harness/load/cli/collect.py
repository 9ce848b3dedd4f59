"""`collect`: keeps and judges the records of generators whose pods are gone afterwards."""

import os
from pathlib import Path
from typing import Annotated

import typer

from harness.load.cli.options import FromTable, declared_in
from harness.load.collector import server
from harness.load.locust.collector_client import TOKEN


def collect(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="For the records, each in a folder of its own.")],
    host: Annotated[str, typer.Option("--host", help="Address to listen at; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 for a free one.")
    ] = 8080,
    table: FromTable = None,
) -> None:
    """Keep the records that `locust --collector URL` sends, and judge each. A token in LOADTEST_COLLECTOR_TOKEN is asked for."""
    listening = server(declared_in(context, table), folder, (host, port), os.environ.get(TOKEN, ""))
    typer.echo(f"collecting at http://{host}:{listening.server_address[1]} into {folder}")
    with listening:
        listening.serve_forever()
