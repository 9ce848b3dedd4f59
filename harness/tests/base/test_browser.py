import functools
import http.server
import struct
import threading
from dataclasses import replace

import pytest

from harness.base.browser import DESKTOP, PHONE, NoBrowserError, Programs

PAGE = """<!doctype html><title>A page</title><meta name="viewport" content="width=device-width">
<style>
  body { margin: 0; background: white } @media (prefers-color-scheme: dark) { body { background: black } }
  p { height: 3000px; margin: 0 } b { display: none } i { text-transform: uppercase }
</style><p><i>seen</i><b>hidden</b></p>"""


@pytest.fixture
def install(tmp_path):
    """Put a program into a folder that says this version of itself; answers the folder's environment."""

    def put(name: str, says: str, folder: str = "bin", variable: str = "PATH") -> dict[str, str]:
        program = tmp_path / folder / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\necho '{says}'\n")
        program.chmod(0o755)
        return {variable: str(program.parent)}

    return put


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])
def test_a_browser_is_found_with_its_driver(install, name):
    install("chromedriver", "ChromeDriver 156.0.8078.108 (abc)")
    found = Programs.find(install(name, "Chromium 156.0.8078.108 built on Debian GNU/Linux 12"))
    assert (found.browser.rpartition("/")[2], found.version) == (name, 156)
    assert found.driver.endswith("/chromedriver")


def test_a_driver_may_lie_apart(install):
    apart = install("chromedriver", "ChromeDriver 156.0.1.2", "apart", "CHROMEWEBDRIVER")
    found = Programs.find(apart | install("google-chrome", "Google Chrome 156.0.1.2"))
    assert found.driver.endswith("/apart/chromedriver")


def test_of_several_browsers_the_one_of_the_drivers_version_is_taken(install):
    install("chromedriver", "ChromeDriver 156.0.1.2")
    install("chromium", "Chromium 157.0.1.2")
    assert Programs.find(install("google-chrome", "Google Chrome 156.0.3.4")).browser.endswith(
        "google-chrome"
    )


def test_what_is_missing_is_said(install, tmp_path):
    with pytest.raises(NoBrowserError, match="neither Chromium nor Chrome"):
        Programs.find({"PATH": str(tmp_path)})
    environ = install("chromium", "Chromium 156.0.1.2")
    with pytest.raises(NoBrowserError, match="/chromium has no chromedriver"):
        Programs.find(environ)
    install("chromedriver", "ChromeDriver 155.0.1.2")
    with pytest.raises(NoBrowserError, match=r"chromedriver, which is 155: .*/chromium is 156"):
        Programs.find(environ)
    install("chromedriver", "")
    with pytest.raises(NoBrowserError, match="which is unknown"):
        Programs.find(environ)


PLUGIN = "def test_it(browser):\n    assert browser.title == ''\n"


@pytest.mark.parametrize(("ci", "outcome"), [(None, "skipped"), ("true", "errors")])
def test_without_a_browser_a_scenario_is_skipped_and_fails_in_ci(
    pytester, monkeypatch, tmp_path, ci, outcome
):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMEWEBDRIVER", raising=False)
    monkeypatch.setenv("CI", ci) if ci else monkeypatch.delenv("CI", raising=False)
    pytester.makeconftest("pytest_plugins = ['harness.plugin.hooks']")
    pytester.makepyfile(PLUGIN)
    result = pytester.runpytest_inprocess("-rs", "-o", "asyncio_default_fixture_loop_scope=function")
    result.assert_outcomes(**{outcome: 1})
    result.stdout.fnmatch_lines(["*neither Chromium nor Chrome is installed*"])


@pytest.fixture
def page(tmp_path):
    """The address of a page that asks for a password, and the credentials it was asked with."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers["Authorization"])
            self.send_response(200 if self.headers["Authorization"] else 401)
            self.send_header("WWW-Authenticate", 'Basic realm="page"')
            self.end_headers()
            self.wfile.write(PAGE.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serve = functools.partial(server.serve_forever, poll_interval=0.01)
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", asked
        server.shutdown()
        thread.join()


def size(png):
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


@pytest.mark.e2e
def test_a_page_is_read_and_pictured_as_a_person_sees_it(browser, page, tmp_path):
    url, asked = page
    browser.open(url, "ops:secret")
    assert (browser.title, browser.texts("i"), browser.texts("b"), browser.texts("u")) == (
        "A page",
        ["SEEN"],
        [""],
        [],
    )
    assert browser.evaluate("location.href") == url
    assert asked[-1].startswith("Basic ")

    background = "getComputedStyle(document.body).backgroundColor"
    for screen, pixels in ((DESKTOP, (1280, 3000)), (PHONE, (780, 6000))):
        for dark, colour in ((False, "rgb(255, 255, 255)"), (True, "rgb(0, 0, 0)")):
            browser.look_on(replace(screen, dark=dark))
            assert browser.evaluate("innerWidth") == screen.width
            assert browser.evaluate(background) == colour
            picture = browser.screenshot(tmp_path / "page.png")
            assert size(picture.read_bytes()) == pixels
