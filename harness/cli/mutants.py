"""`harness mutants`: changes of the code that no test notices."""

import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.base.exits import Exit
from harness.base.shard import shard as shard_of
from harness.cli.options import application

if TYPE_CHECKING:
    from rich.console import Console

    from harness.experiments.mutants.campaign import Campaign
    from harness.experiments.mutants.copied import Copied
    from harness.experiments.mutants.declared import Declared
    from harness.experiments.mutants.kept import Kept, Result
    from harness.experiments.mutants.mutant import Mutant
    from harness.experiments.mutants.score import Score

SEEDS = 1_000_000
FOLDER = Path(".harness") / "mutants"
FILE = "results.jsonl"


def _shard(text: str) -> str:
    try:
        return text and "/".join(map(str, shard_of(text)))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def mutants(
    sample: Annotated[int, typer.Option(min=1, help="Number of mutants to draw.")] = 50,
    seed: Annotated[int | None, typer.Option(help="Seed of the draw; a fresh one by default.")] = None,
    path: Annotated[str, typer.Option(help="File or folder of the declared sources; all by default.")] = "",
    shard: Annotated[
        str, typer.Option(callback=_shard, metavar="K/N", help="Only the K-th of N parts of the mutants.")
    ] = "",
    score: Annotated[
        float, typer.Option(min=0, max=100, help="Percent of the mutants that must be killed.")
    ] = 90.0,
    mutant: Annotated[
        str, typer.Option(help="Play only the mutant with this id, even if its result is known.")
    ] = "",
    workers: Annotated[
        int,
        typer.Option(min=1, help="Processes that play all tests once, to see which lines each test reaches."),
    ] = 1,
    kept: Annotated[Path | None, typer.Option(help=f"File of results; {FOLDER / FILE} by default.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show them.")] = False,
) -> None:
    """Change one thing in the declared sources at a time, play the tests that reach it, and say which changes no test notices.

    For example: harness mutants --sample 40 --seed 7 --path src/orders

    It can be interrupted: the same command continues where it stopped. Only a copy of the project is changed.

    Exits 0 if enough were killed, 1 if not, 2 for a wrong option, 3 if too few mutants could be judged, 4 if the unchanged tests
    fail.
    """
    from rich.console import Console

    from harness.application import DeclarationError
    from harness.experiments.mutants.copied import Copied
    from harness.experiments.mutants.declared import Declared
    from harness.experiments.mutants.kept import Kept
    from harness.experiments.mutants.reach import NothingReachedError
    from harness.experiments.mutants.score import Score

    told = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
    seed = secrets.randbelow(SEEDS) if seed is None else seed
    with tempfile.TemporaryDirectory(prefix="harness-mutants-") as place:
        try:
            original = Declared.of(application())
            # The copy is made first, so that it has none of the edits that follow.
            copy = Copied(original.root, Path(place) / "copy")
            declared = replace(original, root=copy.root)
            wanted = _drawn(declared, path, mutant, sample, seed)
            excused = declared.excused()
        except DeclarationError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(Exit.USAGE) from None
        if shard:
            part, parts = shard_of(shard)
            wanted = wanted[part - 1 :: parts]
        told.print(f"seed {seed}: {len(wanted)} mutants")
        if dry_run:
            for one in wanted:
                typer.echo(f"{one.id}  {one.file}:{one.line}  {one.change.kind}\n{one.diff}\n")
            return
        folder = original.root / FOLDER
        try:
            campaign = _campaign(declared, copy, Kept(kept or folder / FILE), folder, workers, told)
        except NothingReachedError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(Exit.INVALID) from None
        found = Score(wanted, _played(campaign, wanted, told, again=bool(mutant)), excused)
    _show(found, score)
    raise typer.Exit(found.exit(score))


def _drawn(declared: "Declared", path: str, mutant: str, sample: int, seed: int) -> "list[Mutant]":
    """The mutants to play: the drawn ones, or the one that was asked for.

    Raises:
        DeclarationError: there is none, or a mutant is excused that does not exist.
    """
    from harness.application import DeclarationError
    from harness.experiments.mutants.mutant import drawn, mutants_of
    from harness.experiments.mutants.score import check_excused

    every = list(mutants_of(declared.root, declared.files()))
    check_excused(declared.excused(), every)
    chosen = {file.relative_to(declared.root).as_posix() for file in declared.files(path)}
    found = [one for one in every if (one.id.startswith(mutant) if mutant else one.file in chosen)]
    if not found:
        raise DeclarationError(f"there is no mutant {mutant or 'of ' + path}")
    return found if mutant else drawn(found, sample, seed)


def _campaign(
    declared: "Declared", copy: "Copied", kept: "Kept", folder: Path, workers: int, told: "Console"
) -> "Campaign":
    """A campaign that is ready to play: it knows which test reaches which lines."""
    from harness.experiments.mutants.campaign import Campaign
    from harness.experiments.mutants.reach import reach_of

    reached = {kind: reach_of(declared, kind, workers, folder, told.print) for kind in declared.played}
    return Campaign(declared, reached, copy, kept)


def _played(
    campaign: "Campaign", wanted: "Sequence[Mutant]", told: "Console", *, again: bool
) -> "dict[str, Result]":
    """Play the mutants and print each result as it comes."""
    results: dict[str, Result] = {}
    for one, result in campaign.play(wanted, again=again):
        results[one.id] = result
        told.print(
            f"{len(results):>4} of {len(wanted)}  {result.fate:<9}  {one.id}  {one.file}:{one.line}  {one.change.kind}  {result.by}".rstrip()
        )
    return results


def _show(score: "Score", asked: float) -> None:
    """Show the mutants that survived, each with the command that plays it again, and the score."""
    for one in score.alive:
        result = score.results.get(one.id)
        count = result.tests if result else 0
        reached = f"{count} tests reach it" if count else "no test reaches it"
        typer.echo(
            f"\n{score.fate(one)}: {one.file}:{one.line}, {reached}: harness mutants --mutant {one.id}"
        )
        typer.echo(one.diff)
    typer.echo(
        f"\n{score.killed} of {score.counted} killed, {score.percent:.0f} %; {asked:g} % are asked for"
        + (f"; {len(score.equivalent)} change nothing" if score.equivalent else "")
    )
