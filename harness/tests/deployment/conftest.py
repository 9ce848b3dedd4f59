import pytest

from harness.deployment.audit import RULES, audit
from harness.tests.deployment import shop


@pytest.fixture
def repository(tmp_path):
    """The shop's, to be spoilt."""
    return shop.build(tmp_path)


@pytest.fixture
def judged():
    """Audits a repository of the shop by every rule that is for it."""
    return lambda root: audit(root, shop.PROGRAM, (*RULES, *shop.RULES))


@pytest.fixture
def edit(repository):
    """Replace a piece of text that is in a file, once."""

    def edited(file, old, new):
        path = repository / file
        text = path.read_text()
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1))
        return repository

    return edited


@pytest.fixture
def spoil(edit, judged):
    """Replace a piece of text that is in a file, once, and audit what has become of it."""
    return lambda file, old, new: judged(edit(file, old, new))
