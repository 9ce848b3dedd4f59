"""A .dockerignore is read as a builder reads it."""

import pytest

from harness.base.dockerignore import Dockerignore, DockerignoreError


@pytest.mark.parametrize(
    ("text", "ignored"),
    [
        ("", False),
        ("# .env", False),
        (" # .env", False),
        (".env", True),
        ("\ufeff.env", True),
        (".env\r\n", True),
        ("/.env", True),
        ("./.env/", True),
        ("a/../.env", True),
        ("*", True),
        ("**", True),
        ("**/*", True),
        ("**/.env*", True),
        ("*.env", True),
        (".en?", True),
        (".[a-e]nv", True),
        ("\\.env", True),
        (".ENV", False),
        ("*/.env", False),
        (".env/*", False),
        ("*\n!.env", False),
        ("*\n! .env", False),
        ("!.env\n*", True),
        (".env\n!*", False),
        (".env*\n!.env.example", True),
        ("**\n!**/.env", False),
        ("*\n!.env\n.env", True),
    ],
)
def test_the_last_pattern_that_matches_decides(text, ignored):
    assert Dockerignore.of(text).ignores(".env") is ignored


def test_what_lies_in_a_folder_that_stays_out_stays_out_but_for_exceptions():
    ignore = Dockerignore.of("app\n!app/code.py")
    assert ignore.ignores("app/.env")
    assert not ignore.ignores("app/code.py")
    assert ignore.exceptions == ["app/code.py"]


def test_who_lets_a_file_in_again_is_told():
    assert Dockerignore.of("*\n\n!.env\n# end").admitted_by(".env") == 3
    assert Dockerignore.of("app").admitted_by(".env") == 0


@pytest.mark.parametrize("pattern", ["!", "[", "[a-", "a["])
def test_a_pattern_that_is_none_is_refused_with_its_line(pattern):
    with pytest.raises(DockerignoreError) as raised:
        Dockerignore.of(f".env\n{pattern}\n")
    assert raised.value.line == 2
