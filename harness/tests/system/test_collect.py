"""Journal and tables are read of one moment."""

import pytest

from harness.system.collect import AGAIN, Reading


class Moving:
    """A recorder that sees rows change during the first readings."""

    def __init__(self, times):
        self.times = times

    def moved(self):
        self.times -= 1
        return self.times >= 0


class Counted(Reading):
    """Reads how often it has been read."""

    def __init__(self, recorder):
        super().__init__(None, recorder=recorder)
        self.journals = self.read = 0

    def _journal(self):
        self.journals += 1
        return [{"kind": "change", "number": self.journals}]

    def _tables(self):
        self.read += 1
        return {"orders": [{"number": self.read}]}


@pytest.mark.parametrize(
    ("recorder", "times"), [(None, 1), (Moving(0), 1), (Moving(2), 3), (Moving(100), AGAIN)]
)
def test_both_are_read_again_while_rows_change(recorder, times):
    journal, tables = Counted(recorder)._of_one_moment()
    assert journal == [{"kind": "change", "number": times}]
    assert tables == {"orders": [{"number": times}]}
