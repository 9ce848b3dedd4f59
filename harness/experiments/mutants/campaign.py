"""Plays mutants one after the other, each against the tests that reach it, and reports the results."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from harness.experiments.mutants.copied import Copied
from harness.experiments.mutants.declared import Declared
from harness.experiments.mutants.kept import Fate, Kept, Result
from harness.experiments.mutants.mutant import Mutant
from harness.experiments.mutants.play import Ended, Played, play
from harness.experiments.mutants.reach import Reach, digest


class Campaign:
    """One campaign.

    Args:
        declared: what is played.
        reached: by the kind of tests, in the order in which they are played.
        copy: copy of the project, in which mutants are made.
        kept: file of results.
    """

    def __init__(self, declared: Declared, reached: Mapping[str, Reach], copy: Copied, kept: Kept) -> None:
        self._root = declared.root
        self._reached = reached
        self._copy = copy
        self._kept = kept
        self._all = digest(self._root, [*declared.files(), *declared.programs()])

    def play(self, mutants: Sequence[Mutant], *, again: bool = False) -> Iterator[tuple[Mutant, Result]]:
        """Yield each result as soon as it is decided; a survivor comes again at the end if its result has changed.

        Args:
            mutants: that are played.
            again: whether to play also mutants with a kept result.
        """
        known = {} if again else self._kept.results()
        waiting: list[tuple[Mutant, Result]] = []
        for mutant in mutants:
            result = known.get(mutant.id)
            if result is None or result.digest != self._depends(result) or result.fate is Fate.UNSTABLE:
                result = self._judge(mutant)
                self._kept.add(result)
            if not result.confirmed:
                waiting.append((mutant, result))
            yield mutant, result
        yield from self._confirm(waiting)

    def _judge(self, mutant: Mutant) -> Result:
        """Play every test that reaches it; the first failure is enough, if that test passes without the change."""
        count = 0
        for reach in self._reached.values():
            tests = reach.tests(mutant)
            if not tests:
                continue
            count += len(tests)
            with self._copy.with_(mutant):
                played = play(self._copy.root, tests, reach.takes(tests))
            if played.ended is not Ended.GREEN:
                return self._not_green(mutant, reach, tests, played)
        # A test that passes with the change has passed without it earlier; for all survivors this is checked once more at the
        # end.
        return self._result(mutant, Fate.SURVIVED, count=count, confirmed=not count)

    def _not_green(self, mutant: Mutant, reach: Reach, tests: list[str], played: Played) -> Result:
        failed = played.failed[:1]
        same = failed or list({test.partition("::")[0]: test for test in tests}.values())
        if played.ended is Ended.TIMED_OUT:
            same = tests
        stable = play(self._copy.root, same, reach.takes(same)).ended is Ended.GREEN
        fate = Fate.TIMED_OUT if played.ended is Ended.TIMED_OUT else Fate.KILLED
        if not stable or played.ended is Ended.NOTHING:
            fate = Fate.UNSTABLE
        by = failed[0] if failed and fate is Fate.KILLED else ""
        return self._result(mutant, fate, by=by, count=len(tests))

    def _confirm(self, waiting: list[tuple[Mutant, Result]]) -> Iterator[tuple[Mutant, Result]]:
        """Check that the unchanged program still passes the tests of the survivors; return the survivors for which it does not."""
        red: set[str] = set()
        for reach in self._reached.values():
            used = {test for mutant, _ in waiting for test in reach.tests(mutant)}
            left = sorted(used, key=lambda test: reach.seconds[test])
            while left:
                played = play(self._copy.root, left, reach.takes(left))
                if played.ended is Ended.GREEN:
                    break
                failed = played.failed or left
                red.update(failed)
                left = [test for test in left if test not in red]
        for mutant, result in waiting:
            stable = not any(red.intersection(reach.tests(mutant)) for reach in self._reached.values())
            (said,) = self._kept.confirm([result], stable=stable)
            if not stable:
                yield mutant, said

    def _result(
        self, mutant: Mutant, fate: Fate, *, by: str = "", count: int = 0, confirmed: bool = True
    ) -> Result:
        made = Result(id=mutant.id, fate=fate, by=by, tests=count, confirmed=confirmed)
        return replace(made, digest=self._depends(made))

    def _depends(self, result: Result) -> str:
        """The inputs of a result: a kill depends only on its test, because the mutant's id depends on its file; other results depend on everything."""
        if result.fate is not Fate.KILLED or not result.by:
            return self._all
        file = self._root / result.by.partition("::")[0]
        return digest(self._root, [file]) if file.exists() else ""
