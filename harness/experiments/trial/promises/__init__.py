"""The built-in promises, in the order in which they are tried: the mildest faults come first, and an emptied database last."""

from harness.experiments.trial.promise import Promise
from harness.experiments.trial.promises.aged import AGED
from harness.experiments.trial.promises.carried import CARRIED
from harness.experiments.trial.promises.committed_first import COMMITTED_FIRST
from harness.experiments.trial.promises.delivered_twice import DELIVERED_TWICE
from harness.experiments.trial.promises.deployed import DEPLOYED
from harness.experiments.trial.promises.empty_database import EMPTY_DATABASE
from harness.experiments.trial.promises.flushed import FLUSHED
from harness.experiments.trial.promises.killed import KILLED_CHILD, KILLED_GROUP, KILLED_MAIN
from harness.experiments.trial.promises.leaves_nothing import LEAVES_NOTHING
from harness.experiments.trial.promises.provider_fails import PROVIDER_FAILS
from harness.experiments.trial.promises.provider_waits import PROVIDER_WAITS
from harness.experiments.trial.promises.refused import REFUSED
from harness.experiments.trial.promises.refuses_writes import REFUSES_WRITES
from harness.experiments.trial.promises.reset import RESET
from harness.experiments.trial.promises.restarted import RESTARTED
from harness.experiments.trial.promises.shared import SHARED
from harness.experiments.trial.promises.steady import STEADY
from harness.experiments.trial.promises.two_beats import TWO_BEATS
from harness.experiments.trial.promises.undisturbed import QUIET, UNDISTURBED

PROMISES: tuple[Promise, ...] = (
    UNDISTURBED,
    QUIET,
    LEAVES_NOTHING,
    KILLED_CHILD,
    KILLED_MAIN,
    KILLED_GROUP,
    AGED,
    DELIVERED_TWICE,
    DEPLOYED,
    RESTARTED,
    FLUSHED,
    REFUSED,
    REFUSES_WRITES,
    COMMITTED_FIRST,
    PROVIDER_FAILS,
    PROVIDER_WAITS,
    SHARED,
    CARRIED,
    STEADY,
    RESET,  # late: a worker of Celery 5.7 that has lost its link twice may end by it
    TWO_BEATS,
    EMPTY_DATABASE,
)
