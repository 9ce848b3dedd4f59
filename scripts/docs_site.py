"""`make docs`: builds the documents as a site, from the same files; without a network, and without broken links."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
STAGED = ROOT / ".harness" / "docs"
SITE = ROOT / ".harness" / "site"
PAGES = ("README.md", "CONTRIBUTING.md", "harness/README.md", "docs/**/*.md")
PICTURES = ("docs/**/*.png", "docs/**/*.svg", "docs/**/*.webp")
LISTED = ("docs/decisions", "docs/promises")  # folders that get a page with a list of their pages
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
CHINESE = ".zh.html"
SHIM = Path(__file__).with_name("iframe-worker.js")
SHIM_ELSEWHERE = "https://unpkg.com/iframe-worker/shim"  # address from which the theme would load it
# Kept unchanged: its links begin at the root, where the file was.
ORIGINAL = Path("docs/guide.original.zh.md")


class BrokenLinkError(Exception):
    """A page has a broken link; the text names page and link."""


def stage(root: Path, staged: Path) -> list[Path]:
    """Copy the pages to the folder from which the site is built; return them, relative to the root.

    Args:
        root: of the repository.
        staged: a folder that is made anew.

    Raises:
        BrokenLinkError: there are broken links; names all of them.
    """
    shutil.rmtree(staged, ignore_errors=True)
    pages = sorted({path.relative_to(root) for pattern in PAGES for path in root.glob(pattern)})
    listed = {Path(folder) / "README.md" for folder in LISTED if (root / folder).is_dir()}
    broken: list[str] = []
    for page in pages:
        text = (root / page).read_text(encoding="utf-8")
        _write(staged / page, _outside_of_code(text, page, root, {*pages, *listed}, broken))
    for index in sorted(listed - set(pages)):
        _write(staged / index, _index(root / index.parent))
    for pattern in PICTURES:
        for path in root.glob(pattern):
            target = staged / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    if broken:
        raise BrokenLinkError("\n".join(broken))
    return [*pages, *sorted(listed)]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _outside_of_code(text: str, page: Path, root: Path, pages: set[Path], broken: list[str]) -> str:
    """The text with links for the site; code stays as it is."""
    parts, end = [], 0
    for fence in FENCE.finditer(text):
        parts += [_linked(text[end : fence.start()], page, root, pages, broken), fence[0]]
        end = fence.end()
    return "".join([*parts, _linked(text[end:], page, root, pages, broken)])


def _linked(text: str, page: Path, root: Path, pages: set[Path], broken: list[str]) -> str:
    def link(found: re.Match[str]) -> str:
        picture, shown, target = found.groups()
        path, _, anchor = target.partition("#")
        if not path or "://" in path or path.startswith("mailto:"):
            return found[0]
        start = Path() if page == ORIGINAL else page.parent
        meant = Path(os.path.normpath(start / path))
        if meant / "README.md" in pages:
            return f"{picture}[{shown}]({path.rstrip('/')}/README.md{'#' + anchor if anchor else ''})"
        if meant in pages or picture:
            if not (root / meant).exists():
                broken.append(f"{page}: {target} is not there")
            from_page = os.path.relpath(meant, page.parent) + (f"#{anchor}" if anchor else "")
            return f"{picture}[{shown}]({from_page})"
        if not (root / meant).exists():
            broken.append(f"{page}: {target} is not there")
        # A source file has no page.
        return shown if shown.startswith("`") else f"{shown} (`{meant.as_posix()}`)"

    return LINK.sub(link, text)


def _index(folder: Path) -> str:
    """A page that lists a folder's pages by their titles."""
    lines = [f"# {folder.name.capitalize()}", ""]
    for path in sorted(folder.glob("*.md")):
        title = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        lines.append(f"- [{title}]({path.name})")
    return "\n".join(lines) + "\n"


def _finish(path: Path) -> None:
    """Change things for which the theme has no setting: the script is loaded from the site itself, and a Chinese page declares its language."""
    text = path.read_text(encoding="utf-8")
    own = os.path.relpath(SITE / "assets" / SHIM.name, path.parent)
    text = text.replace(SHIM_ELSEWHERE, own)
    if path.name.endswith(CHINESE):
        text = text.replace('<html lang="en"', '<html lang="zh-CN"', 1)
    path.write_text(text, encoding="utf-8")


def main() -> int:
    """Build the site; 1 for a broken link."""
    try:
        stage(ROOT, STAGED)
    except BrokenLinkError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    # Not --quiet, with which --strict would miss warnings.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--clean"]
    built = subprocess.run(command, cwd=ROOT, env=quiet, check=False, capture_output=True, text=True)
    if built.returncode:
        sys.stderr.write(built.stderr)
        return 1
    shutil.copy(SHIM, SITE / "assets" / SHIM.name)
    for path in SITE.rglob("*.html"):
        _finish(path)
    sys.stdout.write(f"{SITE / 'index.html'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
