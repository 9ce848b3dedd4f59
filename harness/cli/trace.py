"""`harness trace`: the page that explains a scenario, made from its evidence."""

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from harness.base.exits import Exit
from harness.evidence.trace.form import Form


def trace(
    what: Annotated[
        str, typer.Argument(metavar="RUN", help="Id of a run, or a folder of evidence, such as a bundle.")
    ],
    scenario: Annotated[
        str, typer.Argument(help="Part of the scenario's name; all scenarios of the run by default.")
    ] = "",
    show: Annotated[bool, typer.Option("--open", help="Show the first page in a browser.")] = False,
    form: Annotated[
        Form,
        typer.Option(
            "--format",
            help="html: the page; text: the same, printed; perfetto: Chrome trace JSON for ui.perfetto.dev; otlp: OTLP/JSON for Jaeger, Tempo and collectors.",
        ),
    ] = Form.HTML,
    last: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0, help="Of --format text: only what happened so late."),
    ] = None,
) -> None:
    """Write trace.html beside the evidence of each scenario of a run: one file, without a network, which explains it.

    For example: harness trace 20260101-120000-tests-3f9a1c test_messages --open
    Or, in a terminal: harness trace 20260101-120000-tests-3f9a1c test_messages --format text --last 5
    Or, for tools that you have: harness trace 20260101-120000-tests-3f9a1c --format perfetto
    """
    if show and form is not Form.HTML:
        typer.echo(
            "--open shows the page: leave out --format, or open the file with the tool that it is for",
            err=True,
        )
        raise typer.Exit(Exit.USAGE)
    if last is not None and form is not Form.TEXT:
        typer.echo("--last is of --format text: the other forms have all of it", err=True)
        raise typer.Exit(Exit.USAGE)
    from harness.base.run import RUNS
    from harness.base.run_choice import NoSuchRunError, chosen
    from harness.cli.options import application
    from harness.evidence.checks import Judges
    from harness.evidence.evidence_folder import FACTS, JOURNAL
    from harness.evidence.trace.trace_file import read_text, write_moments, write_trace

    app = application()
    root = Path(what)
    if not root.is_dir():
        try:
            root = RUNS / chosen(what, [path.name for path in RUNS.glob("*") if path.is_dir()], what="kept")
        except NoSuchRunError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(Exit.USAGE) from None
    folders = sorted(
        {
            path.parent
            for name in (FACTS, JOURNAL)
            for path in root.rglob(name)
            if path.parent != root or root.name != what
        }
    )
    folders = [folder for folder in folders if (folder / "logs").is_dir() and scenario in folder.name]
    if root in folders and len(folders) > 1:  # the journal in the run's folder holds all scenarios
        folders.remove(root)
    if not folders:
        typer.echo(f"there is no evidence of {scenario or 'anything'} in {root}", err=True)
        raise typer.Exit(Exit.USAGE)
    judges = Judges.of(app)
    ids = [work.id for work in app.works]
    if form is Form.TEXT:
        typer.echo("\n\n".join(read_text(folder, judges, ids, last) for folder in folders))
        return
    written = [
        write_trace(folder, judges, ids) if form is Form.HTML else write_moments(folder, form, ids)
        for folder in folders
    ]
    for path in written:
        typer.echo(path)
    if show:
        webbrowser.open(written[0].absolute().as_uri())
