"""The options of the Locust command in addition to Locust's own."""

from argparse import ArgumentTypeError, Namespace
from dataclasses import replace
from typing import Any

from locust.util.timespan import parse_timespan

from harness.load.locust.demands import USUAL, Demand
from harness.load.locust.profiles import PROFILES, Phase
from harness.load.locust.rate import per_hour
from harness.load.locust.stream import Stream
from harness.load.locust.traffic import Traffic
from harness.load.locust.usage import UsageError
from harness.load.locust.users import BROWSE

# The default run time, in the world's time.
DEFAULT_SECONDS = {
    "nominal": 3600.0,
    "steps": 3600.0,
    "burst": 30.0,
    "soak": 14_400.0,
    "breakpoint": 7200.0,
}


def rate(written: str) -> float:
    """A rate by the hour, as argparse reads it; a number alone is an hour's."""
    try:
        return per_hour(written, unit="h")
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def add(parser: Any, traffic: Traffic) -> None:
    """Add them to Locust's parser; each can also be given as an environment variable, LOADTEST_TIER for one.

    Two options are Locust's own: `--profile` (any text for Locust) chooses the course of the load, and `--run-time` how long
    there are arrivals.

    Args:
        parser: Locust's.
        traffic: what is asked of the service.
    """
    nouns = traffic.nouns
    group = parser.add_argument_group(
        nouns.capitalize(), "What is asked of the service, and how it is judged."
    )

    def option(name: str, **settings: Any) -> None:
        variable = f"LOADTEST_{name.upper().replace('-', '_')}"
        group.add_argument(f"--{name}", env_var=variable, **settings)

    option("table", default="", help="file with rows of your own, in the place of the application's tiers")
    option(
        "tier",
        choices=list(traffic.demands.tiers),
        default=traffic.usual_tier,
        help="row of the concurrency table",
    )
    option(
        "seconds",
        type=float,
        default=0.0,
        help="of the world, for which arrivals come; --run-time says the same. By default as the profile says",
    )
    option(
        "workload",
        choices=list(traffic.demands.workloads),
        default=USUAL,
        help=f"what one {traffic.noun} asks for",
    )
    option(
        "rate",
        type=rate,
        default=0.0,
        help=f"{nouns} an hour, also as 20/min; by default the tier's nominal load",
    )
    option("at-once", type=int, default=0, help=f"{nouns} of a burst; by default the tier's")
    option("readers", type=int, default=-1, help="people who browse; by default the tier's")
    option(
        "speed",
        type=float,
        default=0.0,
        help="time passes so many times faster; by default 1 with --host, else as fast as the stack bears",
    )
    option("load-seed", type=int, default=1, help="the same one, the same moments of arrival")
    option(
        "least-look",
        type=float,
        default=0.0,
        help=f"seconds of this machine between two looks at how far a {traffic.noun} is; by default as fast as time passes",
    )
    option("record", default="", help="folder for what was seen; by default a new one in .harness/load")
    option(
        "collector",
        default="",
        help="address of who keeps the record of a run at --host and judges it, where this machine's disk is gone afterwards",
    )
    option("no-verdict", action="store_true", help="leave the record at --host, for somebody else to judge")
    option(
        "provider",
        default="",
        help=f"address of the scripted provider behind --host: proof that its {nouns} cost nothing",
    )
    option(
        "insecure",
        action="store_true",
        help="take the certificate of --host as it is, though nobody vouches for it",
    )
    option(
        "allow-paid", action="store_true", help="the provider behind --host is a real one, and I pay for it"
    )


def demand(options: Namespace, traffic: Traffic) -> Demand:
    """The tier's demand, changed by the options."""
    found = traffic.demands.tiers[options.tier]
    objectives = replace(found.objectives, burst=options.at_once or found.objectives.burst)
    return replace(
        found,
        per_hour=options.rate or found.per_hour,
        readers=found.readers if options.readers < 0 else options.readers,
        objectives=objectives,
    )


def readers(options: Namespace, traffic: Traffic) -> int:
    """People who browse meanwhile; none where their tag was left out."""
    return demand(options, traffic).readers if wanted(options, BROWSE) else 0


def profile(options: Namespace) -> str:
    """How the load moves over the run.

    Raises:
        UsageError: there is no such profile.
    """
    name = options.profile or "nominal"
    if name not in PROFILES:
        raise UsageError(f"there is no profile {name!r}; there are {', '.join(PROFILES)}")
    return name


def phases(options: Namespace, traffic: Traffic) -> list[Phase]:
    """The phases of the run in the world's time: not yet made faster."""
    name = profile(options)
    wanted = options.run_time
    seconds = parse_timespan(wanted) if isinstance(wanted, str) else wanted
    return PROFILES[name](demand(options, traffic), seconds or options.seconds or DEFAULT_SECONDS[name])


def stream(options: Namespace, traffic: Traffic, *, streams: int, number: int) -> Stream:
    """The stream of one process."""
    return Stream(
        phases(options, traffic),
        from_intended=traffic.from_intended,
        seed=options.load_seed,
        streams=streams,
        number=number,
        speed=options.speed,
        quota=traffic.quota,
        time_to=traffic.time_to,
        ended_well=traffic.ended_well,
        workload=traffic.demands.workloads[options.workload],
        least_look=options.least_look,
    )


def wanted(options: Namespace, tag: str) -> bool:
    """Whether Locust's `--tags` and `--exclude-tags` leave tasks of this tag."""
    return (not options.tags or tag in options.tags) and tag not in (options.exclude_tags or ())
