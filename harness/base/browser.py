"""A real browser without a window: what a person would see on a page, as text and as a picture.

It uses the machine's Chromium or Chrome, with the driver of the same version; nothing is ever downloaded.
"""

import base64
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
DRIVER = "chromedriver"
DRIVER_FOLDER = "CHROMEWEBDRIVER"  # where GitHub's machines have their driver
VERSION_SECONDS = 20.0
PAGE_SECONDS = 30.0


class NoBrowserError(Exception):
    """This machine has no browser that could be driven; says what it lacks."""


@dataclass(frozen=True, slots=True)
class Programs:
    """A browser and its driver.

    Args:
        browser: path of the browser.
        driver: path of the driver.
        version: of both, the part before the first point.
    """

    browser: str
    driver: str
    version: int

    @classmethod
    def find(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Look for a browser and a driver that fit each other: a driver refuses a browser of another version.

        Args:
            environ: the environment, with PATH, and with CHROMEWEBDRIVER where the driver is in a folder of its own; this
                process's by default.

        Raises:
            NoBrowserError: there is no such pair.
        """
        environ = os.environ if environ is None else environ
        path = environ.get("PATH", "")
        driver = shutil.which(DRIVER, path=os.pathsep.join([environ.get(DRIVER_FOLDER, ""), path]))
        browsers = [found for name in BROWSERS if (found := shutil.which(name, path=path))]
        if not browsers:
            raise NoBrowserError("neither Chromium nor Chrome is installed")
        if driver is None:
            raise NoBrowserError(f"{browsers[0]} has no {DRIVER} beside it")
        wanted = _version(driver)
        versions = {browser: _version(browser) for browser in browsers}
        for browser, version in versions.items():
            if version == wanted:
                return cls(browser, driver, version)
        seen = ", ".join(f"{browser} is {version or 'unknown'}" for browser, version in versions.items())
        raise NoBrowserError(f"no browser fits {driver}, which is {wanted or 'unknown'}: {seen}")


def _version(program: str) -> int:
    """The first part of its version; 0 where it does not say."""
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=VERSION_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r"(\d+)\.\d+", done.stdout)
    return int(found[1]) if found else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """The screen on which a page is shown.

    Args:
        width: CSS pixels.
        height: CSS pixels.
        phone: whether it is a phone, with touch and a dense screen.
        dark: whether its owner prefers dark colours.
    """

    width: int
    height: int
    phone: bool = False
    dark: bool = False


DESKTOP = Screen(width=1280, height=800)
PHONE = Screen(width=390, height=844, phone=True)


class Browser:
    """A browser with one page.

    Args:
        programs: that it is made of.
    """

    def __init__(self, programs: Programs) -> None:
        self._programs = programs
        self._chrome: Chrome

    def __enter__(self) -> Self:
        from selenium.webdriver import Chrome, ChromeOptions, ChromeService

        options = ChromeOptions()
        options.binary_location = self._programs.browser
        options.add_argument("--headless=new")
        options.add_argument(
            "--hide-scrollbars"
        )  # scroll bars would take their width from the page's picture
        options.add_argument("--no-proxy-server")  # the page is on this machine
        options.add_argument("--disable-dev-shm-usage")  # a container often has 64 MB of it
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")  # Chromium refuses root otherwise
        self._chrome = Chrome(options, ChromeService(self._programs.driver))
        self._chrome.set_page_load_timeout(PAGE_SECONDS)
        self.look_on(DESKTOP)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._chrome.quit()

    def look_on(self, screen: Screen) -> None:
        """From now on, show pages as on this screen; an open page changes, too."""
        self._command(
            "Emulation.setDeviceMetricsOverride",
            width=screen.width,
            height=screen.height,
            deviceScaleFactor=2 if screen.phone else 1,
            mobile=screen.phone,
        )
        self._command("Emulation.setTouchEmulationEnabled", enabled=screen.phone)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if screen.dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}  # no picture of a half-way state
        self._command("Emulation.setEmulatedMedia", features=[scheme, still])

    def open(self, url: str, credentials: str = "") -> None:
        """Open a page and return once it is loaded.

        Args:
            url: of it.
            credentials: `user:password`, for a page that asks for them.

        Raises:
            selenium.common.WebDriverException: it does not load.
        """
        if credentials:
            parts = urlsplit(url)
            # The browser sends them from now on. The page itself is opened by the plain address: scripts may fetch nothing from
            # an address with a password in it.
            self._chrome.get(urlunsplit(parts._replace(netloc=f"{credentials}@{parts.netloc}")))
        self._chrome.get(url)

    @property
    def title(self) -> str:
        return self._chrome.title

    def texts(self, selector: str) -> list[str]:
        """The visible text of each element that a CSS selector finds."""
        return [element.text for element in self._chrome.find_elements("css selector", selector)]

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, as JSON has it."""
        return self._chrome.execute_script(f"return {expression}")

    def screenshot(self, path: Path, most: int | None = None) -> Path:
        """Write a picture of the whole page, also of the part below the screen's edge.

        Args:
            path: of the PNG file.
            most: largest height in pixels; the rest is left out. The whole page by default.

        Returns:
            The path.
        """
        size = self._command("Page.getLayoutMetrics")["cssContentSize"]
        height = size["height"] if most is None else min(most, size["height"])
        clip = {"x": 0, "y": 0, "width": size["width"], "height": height, "scale": 1}
        taken = self._command("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(taken["data"]))
        return path

    def _command(self, name: str, **arguments: object) -> dict[str, Any]:
        """Send a command of the DevTools protocol."""
        answer: dict[str, Any] = self._chrome.execute_cdp_cmd(name, arguments)
        return answer
