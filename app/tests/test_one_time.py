import base64
import hashlib

from app.core.one_time import hashed, new_token


def test_a_token_has_256_bits_and_only_its_hash_is_kept():
    token, kept = new_token()
    assert len(base64.urlsafe_b64decode(f"{token}=")) == 32
    assert kept == hashed(token) == hashlib.sha256(token.encode()).hexdigest()
    assert len({new_token()[0] for _ in range(100)}) == 100
