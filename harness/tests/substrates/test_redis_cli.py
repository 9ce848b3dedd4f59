import pytest

from harness.cli.redis_cli import reply_lines


@pytest.mark.parametrize(
    ("reply", "lines"),
    [
        ("OK", ["OK"]),
        (None, ["(nil)"]),
        (3, ["(integer) 3"]),
        ([], ["(empty array)"]),
        (["a", 1], ["1) a", "2) (integer) 1"]),
        (["a", ["b", "c"], "d"], ["1) a", "2) 1) b", "   2) c", "3) d"]),
        ({"k": "v"}, ["1) k", "2) v"]),
    ],
)
def test_a_reply_reads_as_redis_cli_would_show_it(reply, lines):
    assert reply_lines(reply) == lines
