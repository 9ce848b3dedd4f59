"""Where Locust runs its users: an author stays with its stream, whichever workers come and go."""

from typing import ClassVar

from locust.dispatch import UsersDispatcher

from harness.load.locust.places import Places


class Dispatcher(UsersDispatcher):
    """Locust's own, which spreads all users anew with each worker that comes or goes; here it may move readers only.

    An author that was moved would leave the rest of its stream out, and begin another one anew.
    """

    places: ClassVar[Places]  # given by the generator as a run begins
    author: ClassVar[str]  # name of its class, likewise

    def __next__(self) -> dict[str, dict[str, int]]:
        return {
            worker: counts | {self.author: int(worker in self.places.numbers)} if self.author in counts else counts
            for worker, counts in super().__next__().items()
        }  # fmt: skip
