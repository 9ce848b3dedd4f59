"""Whether a row is too small for its load, too large, or uneven, compared with the neighbouring rows."""

from collections.abc import Mapping

from harness.load.capacity import RoleLoad, role_loads
from harness.load.declaration import LoadTest
from harness.load.judgement import Grade, Sentence, shown, worst
from harness.load.locust.demands import Demand
from harness.load.record import Row, Run
from harness.load.stats import Interval


def neighbour(run: Run, demand: Demand, test: LoadTest) -> list[Sentence]:
    """UNDER, OVER, IMBALANCED or fitting, role by role. UNDER fails; too many processes only cost money, so that is only a note."""
    if run.roles is None or not any(job.done for one in run.replicates for job in one.jobs):
        return [Sentence(about="row", grade=Grade.NOT_JUDGED, said="a client cannot see its roles")]
    smaller = _smaller(run.row.processes, test.rows(), test.worker)
    loads = role_loads(run, demand, test)
    found = [_role(load, smaller, demand, test.nouns) for load in loads]
    return [*found, _row(loads, smaller, demand, test.worker)]


def _smaller(processes: Mapping[str, int], rows: Mapping[str, Row], worker: str) -> Mapping[str, int] | None:
    """The next smaller row by slots, at any place of the table; None for the smallest."""
    below = [row.processes for row in rows.values() if row.processes[worker] < processes[worker]]
    return max(below, key=lambda one: one[worker], default=None)


def _role(load: RoleLoad, smaller: Mapping[str, int] | None, demand: Demand, nouns: str) -> Sentence:
    about = f"{load.role}: {load.processes} for {demand.per_hour:g} {nouns} an hour"
    if load.carries is None:
        said = "what a slot carries takes a steady load to see"
        return Sentence(about=about, grade=Grade.NOT_JUDGED, said=said, role=load.role)
    if load.modelled:
        said = f"modelled: this machine has fewer cores; {load.needed} would do by the CPU they used"
        return Sentence(about=about, grade=Grade.NOT_JUDGED, said=said, role=load.role)
    reach = f"carries {shown(load.carries)} an hour, {load.needed} would do"
    grade = _grade(load.carries, demand)
    if grade is not Grade.PASS:
        word = "UNDER" if grade is Grade.FAIL else "perhaps UNDER"
        return Sentence(about=about, grade=grade, said=f"{word}: {reach}", role=load.role)
    before = smaller[load.role] if smaller else 0
    said = f"OVER: {reach}; the smaller row has {before}" if load.needed <= before else f"fits: {reach}"
    return Sentence(about=about, grade=grade, said=said, role=load.role)


def _grade(reach: Interval, demand: Demand) -> Grade:
    """Certainly enough, certainly too little, or neither."""
    if reach.low >= demand.per_hour:
        return Grade.PASS
    return Grade.FAIL if reach.high < demand.per_hour else Grade.INCONCLUSIVE


def _row(loads: list[RoleLoad], smaller: Mapping[str, int] | None, demand: Demand, worker: str) -> Sentence:
    known = [(load, load.carries) for load in loads if not load.modelled and load.carries is not None]
    if worker not in {load.role for load, _ in known}:
        said = f"what {worker} carries takes a steady load to see"
        return Sentence(about="row", grade=Grade.NOT_JUDGED, said=said)
    binds, _ = min(known, key=lambda one: one[1].value)
    over = [load.role for load, _ in known if smaller and load.needed <= smaller[load.role]]
    grade = worst(_grade(one, demand) for _, one in known)
    if grade is not Grade.PASS:
        said = f"{'UNDER' if grade is Grade.FAIL else 'perhaps UNDER'}: {binds.role} binds"
    elif len(over) == len(known):
        said = f"OVER: the smaller row would do; {binds.role} binds first"
    elif over and worker not in over:
        said = f"IMBALANCED: {binds.role} binds, while of {', '.join(over)} the smaller row has enough"
    else:
        said = f"fits: {binds.role} binds"
    return Sentence(about="row", grade=grade, said=said, role=binds.role)
