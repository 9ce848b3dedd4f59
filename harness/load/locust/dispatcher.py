"""Decides where Locust runs its users: an author stays with its stream while workers come and go."""

from typing import ClassVar

from locust.dispatch import UsersDispatcher

from harness.load.locust.places import Places


class Dispatcher(UsersDispatcher):
    """Locust's own dispatcher moves all users with each worker that comes or goes; this one may move readers only.

    A moved author would leave out the rest of its stream, and begin another one from its start.
    """

    places: ClassVar[Places]  # given by the generator as a run begins
    author: ClassVar[str]  # name of its class, also given by the generator

    def __next__(self) -> dict[str, dict[str, int]]:
        return {
            worker: counts | {self.author: int(worker in self.places.numbers)} if self.author in counts else counts
            for worker, counts in super().__next__().items()
        }  # fmt: skip
