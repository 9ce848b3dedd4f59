import pytest
import trustme

from app.core.tls_files import try_files
from app.core.unusable import UnusableError


@pytest.fixture
def files(tmp_path):
    authority = trustme.CA()
    issued = authority.issue_cert("worker")
    for name, pem in {
        "ca": authority.cert_pem,
        "cert": issued.cert_chain_pems[0],
        "key": issued.private_key_pem,
    }.items():
        pem.write_to_path(str(tmp_path / f"{name}.pem"))
    (tmp_path / "none.pem").write_text("no certificate")
    return tmp_path


@pytest.mark.parametrize(
    "named", ["", "?ssl_ca_certs={}/ca.pem", "?ssl_certfile={}/cert.pem&ssl_keyfile={}/key.pem"]
)
def test_files_that_are_what_they_are_named_for(files, named):
    try_files(f"rediss://:hunter2@h{named.replace('{}', str(files))}")


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("ssl_ca_certs={}/away.pem", "by ssl_ca_certs"),
        ("ssl_ca_certs={}/none.pem", "by ssl_ca_certs"),
        ("ssl_ca_certs={}", "by ssl_ca_certs"),
        ("ssl_certfile={}/away.pem&ssl_keyfile={}/key.pem", "by ssl_certfile and ssl_keyfile"),
        ("ssl_certfile={}/cert.pem&ssl_keyfile={}/none.pem", "by ssl_certfile and ssl_keyfile"),
        ("ssl_certfile={}/cert.pem", "by ssl_certfile and ssl_keyfile"),
        ("ssl_keyfile={}/key.pem", "no certificate by ssl_certfile"),
    ],
)
def test_a_file_that_is_none_is_named_by_its_parameter(files, named, said):
    with pytest.raises(UnusableError, match=said) as refused:
        try_files(f"rediss://:hunter2@h?{named.replace('{}', str(files))}")
    assert "hunter2" not in str(refused.value)
    assert ": " in str(refused.value)
