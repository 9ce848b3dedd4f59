"""examples/page in a real browser, from another origin than the API's: the API has everything that a frontend needs."""

import re
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness import eventually
from scenarios.roadmaps.application import ROOT
from scenarios.roadmaps.services import API

pytestmark = [pytest.mark.e2e, pytest.mark.once]
PAGE = ROOT / "examples" / "page"
MOST_LINES = 60
API_OF_THE_PAGE = "http://localhost:8000"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def served(folder):
    """Serve the folder at its own origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def filled(browser, form, **fields):
    """Write into the form's fields and send it, as a person does."""
    for name, value in fields.items():
        browser.evaluate(f"document.querySelector('#{form} [name={name}]').value = {value!r}")
    browser.evaluate(f"document.querySelector('#{form} button').click()")


def test_the_page_is_short():
    """A developer who begins a page can read this one in a minute."""
    assert len((PAGE / "index.html").read_text().splitlines()) <= MOST_LINES


def test_the_page_hides_a_password_and_lets_a_manager_fill_it_in():
    """A field of the kind that browsers mask and managers fill in, and no script that keeps anybody from pasting."""
    page = (PAGE / "index.html").read_text()
    assert 'type="password" autocomplete="current-password"' in page
    assert 'type="email" autocomplete="username"' in page
    assert "paste" not in page


def test_the_page_sends_a_password_where_its_owner_says_and_nowhere_else():
    """The page's own address must not choose the API: otherwise the sender of a link would get the passwords of people who follow it."""
    page = (PAGE / "index.html").read_text()
    assert API_OF_THE_PAGE in page
    assert not {"location", "referrer", "URLSearchParams"} & {*re.findall(r"\w+", page)}


@pytest.mark.needs("pids")
@pytest.mark.stack(own_servers=True)
def test_a_page_of_another_origin_signs_in_asks_follows_and_reads(browser, system, tmp_path):
    """In Chromium: a user signs in, asks for a roadmap, sees its events while it is written, and reads all of it."""
    ada = system.api.sign_up("ada")
    page = (PAGE / "index.html").read_text().replace(API_OF_THE_PAGE, system.api_url)
    (tmp_path / "index.html").write_text(page)
    with served(tmp_path) as origin:
        system.node(API).stop()
        system.deploy(API, CORS_ORIGINS=origin)
        system.stack.wait_until_ready([API])
        system.openai.on(step="quiz").hang(1)
        browser.open(f"{origin}/index.html")
        filled(browser, "sign-in", email=ada.email, password="wrong wrong wrong")
        status = partial(browser.texts, "#status")
        eventually(
            lambda: status() == ["E-mail or password is wrong."],
            timeout=15,
            what="a problem's text",
            evidence=lambda: str(status()),
        )
        filled(browser, "sign-in", email=ada.email, password=ada.password)
        eventually(
            lambda: status() == ["Signed in."], timeout=15, what="signed in", evidence=lambda: str(status())
        )
        filled(browser, "ask", topic="Rust")
        eventually(
            lambda: (
                browser.texts("#events li")[:1] == ["The roadmap was accepted."]
                and not browser.texts("#roadmap")[0]
            ),
            timeout=20,
            what="its first events before its end",
            evidence=lambda: str(browser.texts("#events li")),
        )
        (made,) = ada.expect(200, "GET", "/api/v1/roadmaps").json()["items"]
        system.promised(roadmap_id=made["id"])  # the page got the promise, and writes no journal
        eventually(
            lambda: browser.texts("#roadmap")[0].startswith("# "),
            timeout=40,
            what="the whole roadmap",
            evidence=lambda: str(status()),
        )
        assert status() == ["The roadmap is completed."]
        assert "##### Quiz" in browser.texts("#roadmap")[0]
        assert browser.texts("#events li")[-1] == "The roadmap is complete."
        system.show("screenshot", str(browser.screenshot(system.stack.run.folder / "page.png")))
