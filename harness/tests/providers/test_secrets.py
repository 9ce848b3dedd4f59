"""What a secret may look like where it stands."""

import base64
from urllib.parse import quote

import pytest

from harness.providers.secrets import forms

SECRET = "pä$$/word+and more?"


@pytest.mark.parametrize("before", ["", "a", "me:", "user", "x" * 16])
@pytest.mark.parametrize("after", ["", "b", ":it", "@host"])
def test_a_secret_in_base64_is_found_wherever_it_begins(before, after):
    raw = f"{before}{SECRET}{after}".encode()
    for encoded in (base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
        assert any(form in encoded.decode() for form in forms(SECRET))


def test_a_secret_is_found_as_it_is_in_an_address_and_in_digits():
    assert {SECRET, quote(SECRET, safe=""), SECRET.encode().hex()} <= set(forms(SECRET))


def test_a_secret_of_a_few_letters_is_in_no_text_by_chance():
    assert set(forms("abc")) == {"abc", "616263"}  # which has the same capitals
    assert list(forms("")) == []
