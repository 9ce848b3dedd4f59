"""`harness export`: the declaration, to be set on Railway."""

import enum
from pathlib import Path
from typing import Annotated

import typer

from harness.base.exits import Exit


class Format(enum.StrEnum):
    """The form of the export, by the program that reads it."""

    ENV = "env"
    JSON = "json"
    RAILWAY_PYTHON = "railway-python"


def export(
    names: Annotated[list[str] | None, typer.Argument(help="Services to export; all by default.")] = None,
    tier: Annotated[
        str, typer.Option("--tier", help="Row of the concurrency table; the first one by default.")
    ] = "",
    written: Annotated[
        Format,
        typer.Option(
            "--format", help="A .env file; JSON for: railway environment edit < FILE; or .railway/railway.py."
        ),
    ] = Format.ENV,
    shared: Annotated[
        list[str] | None,
        typer.Option(
            "--shared",
            metavar="NAME",
            help="A server's variable that is a shared one of the project, as for a server elsewhere; repeatable.",
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--output", "-o", file_okay=False, help="Where to leave a file for each service."),
    ] = None,
) -> None:
    """Write what is to be set on Railway. No secret is in it: they stay references to shared variables.

    For example: harness export --tier team --format json

    Exits 1 if the declaration is wrong; `harness audit` says more.
    """
    from harness.application import current
    from harness.deployment.declaration import Deployment, DeploymentError, NotShareableError
    from harness.deployment.export import as_env, as_railway
    from harness.deployment.program import program_of
    from harness.deployment.railway_python import as_python
    from harness.deployment.references import UnresolvedReferenceError, did_you_mean

    try:
        app = current()
        deployment = Deployment.load(app.root, program_of(app)).sharing(shared or ())
        for name in names or ():
            if name not in deployment.services:
                typer.echo(
                    f"there is no service {name!r}; {did_you_mean(name, deployment.services)}", err=True
                )
                raise typer.Exit(Exit.USAGE)
        tier = tier or next(iter(deployment.tiers))
        if tier not in deployment.tiers:
            typer.echo(f"there is no tier {tier!r}; {did_you_mean(tier, deployment.tiers)}", err=True)
            raise typer.Exit(Exit.USAGE)
        services = [deployment.services[name] for name in names or deployment.services]
        if written is Format.ENV:
            made = {f"{service.name}.env": as_env(deployment, service, tier) for service in services}
        elif written is Format.RAILWAY_PYTHON:
            if names:
                typer.echo(
                    "railway-python is all services: Railway takes away what its file leaves out", err=True
                )
                raise typer.Exit(Exit.USAGE)
            made = {"railway.py": as_python(deployment, tier, app.name)}
        else:
            made = {"railway-environment.json": as_railway(deployment, services, tier) + "\n"}
    except (DeploymentError, UnresolvedReferenceError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Exit.USAGE if isinstance(error, NotShareableError) else Exit.VIOLATED) from None
    if folder is None:
        print("\n".join(made.values()), end="")
        return
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in made.items():
        (folder / file).write_text(text, encoding="utf-8")
        typer.echo(str(folder / file))
