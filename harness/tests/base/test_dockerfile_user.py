"""Whom an image's program runs as, as a builder finds it out."""

import pytest

from harness.base.dockerfile import DockerfileError, instructions
from harness.base.dockerfile_user import user_of


@pytest.mark.parametrize(
    ("text", "name", "root"),
    [
        ("FROM a", "", True),
        ("FROM a\nUSER 10001", "10001", False),
        ("FROM a\nUSER app:root", "app:root", False),
        ("FROM a\nUSER 0:1000", "0:1000", True),
        ("FROM a\nUSER root:root", "root:root", True),
        ("FROM a\nUSER +0", "+0", True),
        ("FROM a\nUSER '0'", "0", True),
        ("FROM a\nUSER 1\nUSER 000", "000", True),
        ("FROM a\nUSER root\nUSER 1", "1", False),
        ("ARG WHO=root\nFROM a\nUSER $WHO", "", True),
        ("ARG WHO=7\nFROM a\nARG WHO\nUSER $WHO", "7", False),
        ("FROM a\nARG WHO=7\nENV WHO=root\nUSER ${WHO}", "root", True),
        ("FROM a\nENV WHO=1 GROUP=2\nUSER $WHO:$GROUP", "1:2", False),
        ("FROM a\nUSER ${WHO:-root}", "root", True),
        ("FROM a\nUSER ${WHO:-1}", "1", False),
        ("FROM a AS made\nUSER 1\nFROM made", "1", False),
        ("FROM a AS made\nARG WHO=0\nFROM made\nUSER $WHO", "0", True),
        ("FROM a AS made\nUSER 1\nFROM a", "", True),
        ("ARG BASE=made\nFROM a AS Made\nUSER 1\nFROM ${BASE}", "1", False),
    ],
)
def test_variables_and_earlier_stages_are_followed(text, name, root):
    user = user_of(instructions(text))
    assert (user.name, user.is_root) == (name, root)


def test_a_variable_that_is_none_is_refused_with_its_line():
    with pytest.raises(DockerfileError) as raised:
        user_of(instructions("FROM a\nUSER ${:x}"))
    assert raised.value.line == 2
