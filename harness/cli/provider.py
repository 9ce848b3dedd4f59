"""`harness provider`: further uses of the scripted OpenAI."""

import dataclasses
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.base.exits import Exit

if TYPE_CHECKING:
    from harness.providers.judge.checks import Verdict
    from harness.providers.program import Application

provider = typer.Typer(
    help="Judge a client of OpenAI, record and replay one, compare the description.", no_args_is_help=True
)
KEY, CANARY = "sk-judged-4f1c9a7d2be8", "canary-91c2f7aa3d"
COLOURS = {"holds": "green", "violated": "bold red", "unknown": "yellow"}


@provider.command(context_settings={"ignore_unknown_options": True})
def judge(
    command: Annotated[
        list[str] | None,
        typer.Argument(
            help="Command that starts your client. The prompt is its last argument; it exits 0 if it got its answer."
        ),
    ] = None,
    client: Annotated[
        str,
        typer.Option(
            "--client",
            help='Or the address of your client: it answers POST {"prompt": ...} with 2xx and the text that it got.',
        ),
    ] = "",
    restart: Annotated[
        str, typer.Option("--restart", help="Command that kills and restarts the client at the address.")
    ] = "",
    secret: Annotated[
        list[str] | None,
        typer.Option("--secret", help="Text that the client must never send, such as a key."),
    ] = None,
    port: Annotated[int, typer.Option("--port", help="Port of the scripted provider; 0 for a free one.")] = 0,
    patience: Annotated[
        float, typer.Option("--patience", help="Seconds that one piece of work may take.")
    ] = 60.0,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="A check by its name; all by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON document on standard output.")] = False,
) -> None:
    """Look for eight sins of a client of OpenAI: each check makes the provider fail in one way, and reads the client's requests.

    A command gets OPENAI_BASE_URL and OPENAI_API_KEY in its environment. A client at an address has to ask http://127.0.0.1:PORT/v1.
    Exits 1 if a sin was found, 3 if a check could not be played, 4 if the client sends no request or does not accept a good
    answer.

    For example: harness provider judge -- python my_client.py
    """
    from harness.providers.judge.checks import CHECKS, Judge, NotJudgedError, Verdict
    from harness.providers.judge.client import AddressClient, Client, CommandClient
    from harness.providers.judge.running import running
    from harness.providers.openai.client import FakeOpenAI

    unknown = sorted({*(only or ())} - {*CHECKS})
    if bool(command) == bool(client) or unknown or (client and not port):
        said = f"there is no check {', '.join(unknown)}; there are {', '.join(CHECKS)}"
        typer.echo(said if unknown else "say a command, or --client with the --port that it asks", err=True)
        raise typer.Exit(Exit.USAGE)
    found: list[Verdict] = []
    with tempfile.TemporaryDirectory() as folder, running("--port", str(port)) as url:
        openai = FakeOpenAI(url)
        judged: Client
        if command:
            secrets = {"OPENAI_API_KEY": KEY, "DATABASE_PASSWORD": CANARY}
            judged = CommandClient(command, openai.base_url, Path(folder), secrets)
        else:
            judged = AddressClient(client, restart, tuple(secret or ()))
        try:
            for verdict in Judge(judged, openai, patience).verdicts(tuple(only or ())):
                found.append(verdict)
                if not as_json:
                    _tell(verdict)
        except NotJudgedError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(Exit.INVALID) from None
        finally:
            openai.close()
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(verdict) for verdict in found], indent=2))
    states = {verdict.state for verdict in found}
    if "violated" in states:
        raise typer.Exit(Exit.VIOLATED)
    if "unknown" in states:
        raise typer.Exit(Exit.UNKNOWN)


@provider.command()
def record(
    folder: Annotated[Path, typer.Argument(help="Folder for the exchanges, a file each.")],
    upstream: Annotated[
        str, typer.Option("--upstream", help="The real provider, without /v1.")
    ] = "https://api.openai.com",
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Port to listen on; 0 for a free one.")] = 9090,
    announce: Annotated[
        Path | None, typer.Option("--announce", help="A file to write the address into.")
    ] = None,
) -> None:
    """Pass every request on to the real provider, and keep each exchange in a readable file, without secrets.

    For example: harness provider record tape & OPENAI_BASE_URL=http://127.0.0.1:9090/v1 python my_client.py
    """
    from harness.providers.tape.recorder import Recorder

    _serve(Recorder(upstream, folder), host, port, announce, "recorder")


@provider.command()
def replay(
    folder: Annotated[Path, typer.Argument(help="Folder with recorded exchanges.")],
    speed: Annotated[
        float, typer.Option("--speed", min=0, help="Waits are divided by it; 0 for no wait.")
    ] = 1.0,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Port to listen on; 0 for a free one.")] = 9090,
    announce: Annotated[
        Path | None, typer.Option("--announce", help="A file to write the address into.")
    ] = None,
) -> None:
    """Answer recorded requests byte for byte, with the recorded waits; the answer to any other request shows by a diff where it differs.

    For example: harness provider replay tape --speed 10
    """
    from harness.providers.tape.exchange import TapeError
    from harness.providers.tape.player import Player

    try:
        player = Player(folder, speed)
    except TapeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Exit.USAGE) from None
    _serve(player, host, port, announce, "player")


@provider.command()
def drift(folder: Annotated[Path, typer.Argument(help="Folder with recorded exchanges.")]) -> None:
    """Compare recorded exchanges with the provider's public description: what it accepted, refused or answered differently.

    Exits 1 where something differs. For example: harness provider drift tape
    """
    from harness.providers.openai.strict.description import DescriptionError, version
    from harness.providers.tape.drift import drift
    from harness.providers.tape.exchange import TapeError, load

    try:
        exchanges = load(folder)
        found = [said for name, exchange in exchanges for said in drift(name, exchange)]
    except (DescriptionError, TapeError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Exit.USAGE) from None
    for said in found:
        typer.echo(said)
    typer.echo(
        f"{len(exchanges)} exchanges, {len(found)} differences from the description of {version()}", err=True
    )
    if found:
        raise typer.Exit(Exit.VIOLATED)


def _serve(application: "Application", host: str, port: int, announce: Path | None, name: str) -> None:
    import argparse

    from harness.providers.program import serve

    serve(application, argparse.Namespace(host=host, port=port, announce=announce), name, "/v1")


def _tell(verdict: "Verdict") -> None:
    from rich.console import Console
    from rich.markup import escape

    colour = COLOURS[verdict.state]
    Console(highlight=False, soft_wrap=True).print(
        f"[{colour}]{verdict.state:<8}[/]  {verdict.name:<11}  {verdict.sin}: {escape(verdict.why)}"
    )
