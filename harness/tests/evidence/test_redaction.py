import pytest

from harness.evidence.redaction import Redactor

SECRETS = {
    "KEY": "s3cret",
    "LONG_KEY": "s3cret-and-more",
    "database": "postgresql://ada:pa%20ss@db/shop",
    "open server": "redis://127.0.0.1:6379/0",
    "unset": "",
}


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("the s3cret is out", "the <KEY> is out"),
        ("s3cret-and-more", "<LONG_KEY>"),
        ("user ada, password pa ss", "user ada, password <database>"),
        ("postgresql://ada:pa%20ss@db", "postgresql://ada:<database>@db"),
        ("redis://127.0.0.1:6379/0 is no secret", "redis://127.0.0.1:6379/0 is no secret"),
        ("Bearer eyJhbGci.eyJzdWIi.c2ln-_x.", "Bearer <token>."),
        ("$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA+/ ends", "<password hash> ends"),
        ("nothing", "nothing"),
    ],
)
def test_a_secret_gives_way_to_its_name(text, clean):
    assert Redactor(SECRETS).clean(text) == clean


def test_without_secrets_nothing_is_taken_out():
    assert Redactor({}).clean("a text") == "a text"
