"""There are two beats for a while, as during a deploy: each task of the schedule is done once in each slot."""

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from statistics import median

from harness.application import App, LogReady
from harness.evidence.checks.finding import Finding, Outcome
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.stage import STARTS_SECONDS, NotPlayedError, Stage

SEEN = 4  # times that a task must have come before its slots are known
WATCHED_SECONDS = 20.0
SLOTS = 6
TWICE = 1.5  # limit of runs for each slot: one beat gives 1, two beats give 2
BUILT_IN = "celery."


def play(stage: Stage) -> Finding:
    """Learn from one beat how long a slot is, start another one, and count."""
    (beat, *_) = beats(stage.app)
    slots = _slots(stage)
    if not slots:
        raise NotPlayedError(
            f"no task of the schedule came {SEEN} times within {WATCHED_SECONDS:.0f} s: a shorter schedule for the run, "
            "by a variable in env=, would tell; and does the worker run with -E?"
        )
    unseen = [task for task in stage.app.schedules if task not in slots]
    with stage.spare(beat) as second:
        ready = stage.app.roles[beat].ready
        if isinstance(ready, LogReady):
            stage.wait(lambda: not second.alive or ready.pattern in second.log.text(), STARTS_SECONDS)
        came, done, since = _came(stage), _done(stage), stage.stack.journal.now()
        last = max(slots.values()) * SLOTS
        stage.wait(lambda: stage.stack.journal.now() - since >= last, 2 * last)
        took = stage.stack.journal.now() - since
        came, done = _came(stage) - came, _done(stage) - done
        if not second.alive:
            return Finding(Outcome.HOLDS, ("a second beat ends by itself",))
    return _judge(stage.app, {task: took / slot for task, slot in slots.items()}, came, done, unseen)


def beats(app: App) -> list[str]:
    """The roles that send the tasks of the schedule."""
    return [
        name for name, role in app.roles.items() if "beat" in role.argv and "celery" in " ".join(role.argv)
    ]


def _slots(stage: Stage) -> Mapping[str, float]:
    """Seconds between two runs of each task that comes while nobody asks for work."""

    def times() -> dict[str, list[float]]:
        found: dict[str, list[float]] = {}
        for event in stage.tasks(kind="task-received"):
            name = str(event.get("name", BUILT_IN))
            if not name.startswith(BUILT_IN):
                found.setdefault(name, []).append(float(str(event["happened"])))
        return {name: sorted(seen) for name, seen in found.items() if len(seen) >= SEEN}

    wanted = {*stage.app.schedules}
    stage.wait(lambda: times() and wanted <= times().keys(), WATCHED_SECONDS)
    return {name: median(late - early for early, late in pairwise(seen)) for name, seen in times().items()}


def _came(stage: Stage) -> Counter[str]:
    return Counter(str(event.get("name")) for event in stage.tasks(kind="task-received"))


def _done(stage: Stage) -> Counter[str]:
    return Counter(
        {task: stage.done_by_the_clock(schedule) for task, schedule in stage.app.schedules.items()}
    )


def _judge(
    app: App, slots: Mapping[str, float], came: Counter[str], done: Counter[str], unseen: list[str]
) -> Finding:
    faults, unknown, held = [], [f"{task} was not seen to come" for task in unseen], []
    for task, number in slots.items():
        said = f"{task} came {came[task]} times in {number:.0f} slots"
        schedule = app.schedules.get(task)
        if schedule and schedule.effect and not done[task]:
            unknown.append(f"{said}, and its effect did not show")
        elif schedule and schedule.effect and done[task] > TWICE * number:
            faults.append(f"doubled: {said}, and did {done[task]} times what it does once a slot")
        elif came[task] > TWICE * number and schedule is None:
            unknown.append(
                f"{said}; whether that does harm, app.schedule({task!r}, effect=...) or repeatable=True would decide"
            )
        elif schedule and schedule.effect:
            held.append(f"{said}, and did {done[task]} times what it does")
        else:
            held.append(said)
    if faults:
        return Finding(Outcome.VIOLATED, tuple(faults))
    return Finding(Outcome.UNKNOWN, tuple(unknown)) if unknown else Finding(Outcome.HOLDS, tuple(held))


TWO_BEATS = Promise(
    name="two-beats",
    sentence="What the schedule says is done once a slot, though there are two beats",
    mend=(
        "let whoever does it claim its slot first, by a row with a unique key or a lock that names the slot; or have beat hold a lock, so "
        "that another one waits"
    ),
    play=play,
    applies=lambda app: bool(beats(app) and app.queues),
    each=False,
)
