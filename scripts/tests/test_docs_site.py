"""The documents as a site: every link leads somewhere, nothing comes from a network, and what is wrong fails the build."""

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from scripts import docs_site
from scripts.docs_site import ROOT, BrokenLinkError, stage


class Links(HTMLParser):
    """What a page loads, and where it leads."""

    def __init__(self):
        super().__init__()
        self.loaded, self.led, self.ids = [], [], set()

    def handle_starttag(self, tag, attributes):
        known = dict(attributes)
        self.ids |= {known[name] for name in ("id", "name") if known.get(name)}
        if tag in {"script", "img", "iframe", "source"} and known.get("src"):
            self.loaded.append(known["src"])
        if tag == "link" and known.get("rel") not in {"canonical", "prev", "next", "alternate"}:
            self.loaded.append(known.get("href", ""))
        if tag == "a" and known.get("href"):
            self.led.append(known["href"])


def parsed(path):
    found = Links()
    found.feed(path.read_text(encoding="utf-8"))
    return found


@pytest.fixture
def repository(tmp_path):
    """As small a repository as there can be."""
    root = tmp_path / "root"
    for name, text in {
        "README.md": "# One\n\n[docs](docs/two.md#here), [code](app/x.py), [all](docs/decisions)\n",
        "docs/two.md": "# Two\n\n## Here\n\n[back](../README.md)\n",
        "docs/decisions/001-x.md": "# 001 X\n",
        "app/x.py": "",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_what_is_a_page_is_linked_and_what_is_a_source_is_named(repository, tmp_path):
    stage(repository, tmp_path / "staged")
    text = (tmp_path / "staged" / "README.md").read_text()
    assert "[docs](docs/two.md#here)" in text
    assert "code (`app/x.py`)" in text
    assert "[all](docs/decisions/README.md)" in text
    assert "[001 X](001-x.md)" in (tmp_path / "staged" / "docs/decisions/README.md").read_text()


@pytest.mark.parametrize(
    "link",
    ["[x](nowhere.md)", "[x](docs/nowhere.md#a)", "![x](docs/no.png)", "[`x`](app/y.py)", "[x](../out.md)"],
)
def test_a_link_to_nothing_is_named_with_its_page(repository, tmp_path, link):
    (repository / "README.md").write_text(f"# One\n\n{link}\n")
    with pytest.raises(BrokenLinkError, match=r"README\.md: \S+ is not there"):
        stage(repository, tmp_path / "staged")


@pytest.mark.parametrize(
    "text", ["```text\n[x](nowhere.md)\n```\n", "[x](https://example.com/y)\n", "[x](#here)\n"]
)
def test_what_is_shown_or_leads_elsewhere_stays(repository, tmp_path, text):
    (repository / "README.md").write_text(text)
    stage(repository, tmp_path / "staged")
    assert (tmp_path / "staged" / "README.md").read_text() == text


def test_a_page_that_has_gone_is_gone_from_the_site(repository, tmp_path):
    stage(repository, tmp_path / "staged")
    (repository / "docs/two.md").unlink()
    (repository / "README.md").write_text("# One\n")
    stage(repository, tmp_path / "staged")
    assert not (tmp_path / "staged" / "docs/two.md").exists()


def test_our_own_site_is_built_and_every_link_of_it_leads_somewhere():
    done = subprocess.run(
        [sys.executable, "-m", "scripts.docs_site"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    site = docs_site.SITE
    pages = {path: parsed(path) for path in site.rglob("*.html")}
    assert len(pages) > 80
    for path, page in pages.items():
        outside = [one for one in page.loaded if urlsplit(one).netloc]
        assert outside == [], f"{path} loads {outside}"
        if path.name == "404.html":  # its links are from the root of wherever it is served
            continue
        for link in page.led:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            assert target.exists(), f"{path} leads to {link}"
            if parts.fragment and target in pages and not parts.fragment.startswith("__"):
                assert unquote(parts.fragment) in pages[target].ids, f"{path} leads to {link}"
    assert 'lang="zh-CN"' in (site / "docs/deploy.zh.html").read_text(encoding="utf-8")


def test_every_document_is_in_the_index_of_the_site():
    named = set(re.findall(r"(\S+\.md)\s*$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE))
    known = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")}
    assert known <= {name.removeprefix("- ") for name in named}
    assert all(Path(ROOT / name).exists() or name.endswith("README.md") for name in named)


def test_an_anchor_that_is_not_there_fails_the_build(tmp_path):
    root = tmp_path / "root"
    shutil.copytree(ROOT / "scripts", root / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "README.md").write_text("# One\n\n[x](#nowhere)\n")
    config = (ROOT / "mkdocs.yml").read_text().partition("nav:\n")[0]
    (root / "mkdocs.yml").write_text(config)
    done = subprocess.run(
        [sys.executable, "-m", "scripts.docs_site"], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "nowhere" in done.stderr + done.stdout
