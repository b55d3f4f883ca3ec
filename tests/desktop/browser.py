"""Drive a real Chromium in the session: `$BROWSER` opens it, a test looks at its pages and clicks.

Clicks are mouse events at the middle of what the page shows under that text, so a button that is
hidden, covered or disabled is not clicked.
"""

import json
import shlex
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.desktop.devtools import DevTools, DevToolsError
from tests.desktop.programs import NotInTime, Program, require, wait_until

FLAGS = (
    "--no-sandbox",  # the tests may run as root, in a container
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-extensions",
    "--disable-component-update",
    "--disable-background-networking",
    "--disable-default-apps",
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    "--no-default-browser-check",
    "--no-first-run",
    "--password-store=basic",
    "--remote-debugging-port=0",
    "--window-size=900,650",
    "--window-position=20,20",
)

FIND_CLICKABLE = """
(() => {
  if (document.readyState !== 'complete') return {};  // what has no style yet will still move
  const words = %s;
  const all = [...document.querySelectorAll('button, a, input[type=submit], [role=button]')];
  const text = e => (e.innerText || e.value || '').trim();
  const found = all.filter(e => text(e) === words);
  if (found.length !== 1 || found[0].disabled) return {};
  found[0].scrollIntoView({block: 'center'});
  const box = found[0].getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const top = document.elementFromPoint(x, y);
  if (!top || !found[0].contains(top)) return {};
  window.noticedClick = false;
  found[0].addEventListener('click', () => { window.noticedClick = true; }, {once: true});
  return {x, y};
})()
"""


class Page:
    """Is one tab."""

    def __init__(self, tools: DevTools) -> None:
        self._tools = tools

    @property
    def url(self) -> str:
        return str(self._tools.evaluate("location.href"))

    @property
    def title(self) -> str:
        return str(self._tools.evaluate("document.title"))

    @property
    def text(self) -> str:
        """Return what a person can read on it."""
        return str(self._tools.evaluate("document.body ? document.body.innerText : ''"))

    def wait_for_text(self, words: str, *, within: float = 10) -> None:
        wait_until(
            lambda: words in self._text_or_nothing(), f"{words!r} on the page", within=within
        )

    def _text_or_nothing(self) -> str:
        try:
            return self.text
        except DevToolsError:  # between two documents
            return ""

    def click(self, words: str, *, within: float = 10) -> None:
        """Click the one button or link with exactly this text, again if the page missed it.

        Chromium drops what is clicked before a page's first frame, without a word.
        """
        self._tools.command("Page.bringToFront")
        wait_until(lambda: self._clicked(words), f"a click on {words!r}", within=within)

    def _clicked(self, words: str) -> bool:
        """Click once; whether the page took notice."""
        spot = self._spot(words)
        if spot is None:
            return False
        for kind, buttons in (("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 1)):
            self._tools.command(
                "Input.dispatchMouseEvent",
                type=kind,
                x=spot["x"],
                y=spot["y"],
                button="left" if buttons else "none",
                clickCount=buttons,
            )
        try:
            wait_until(self._noticed, "the page to notice a click", within=0.5)
        except NotInTime:
            return False
        return True

    def _noticed(self) -> bool:
        """A page that is gone noticed, too."""
        try:
            return bool(self._tools.evaluate("window.noticedClick !== false"))
        except DevToolsError:
            return True

    def _spot(self, words: str) -> dict[str, float] | None:
        try:
            found = self._tools.evaluate(FIND_CLICKABLE % json.dumps(words))
        except DevToolsError:  # between two documents
            return None
        return found if found and "x" in found else None

    def close(self) -> None:
        self._tools.close()


class Browser:
    """Is Chromium with a profile of its own; `command` is what `$BROWSER` names."""

    def __init__(self, folder: Path, env: Mapping[str, str], log: Path) -> None:
        self._profile = folder / "chromium"
        self._port_file = self._profile / "DevToolsActivePort"
        self._env = env
        self._log = log
        self._program: Program | None = None
        self._pages: list[Page] = []
        self.opened = folder / "opened-urls"
        self.command = folder / "browser"
        self._write_command()

    def _write_command(self) -> None:
        """What `$BROWSER` runs. A second call opens a tab in the running browser, and returns."""
        line = shlex.join([require("chromium"), *FLAGS, f"--user-data-dir={self._profile}"])
        opened = shlex.quote(str(self.opened))
        self.command.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$@" >>{opened}\n'
            f'exec {line} "$@" >>{shlex.quote(str(self._log))} 2>&1\n'
        )
        self.command.chmod(0o700)

    def start(self) -> None:
        """Have it running before anybody opens a URL, as most people have."""
        if self._program is None or not self._program.running:
            self._port_file.unlink(missing_ok=True)
            self._program = Program(
                [str(self.command), "about:blank"], env=self._env, log=self._log
            )
            self._program.wait("the browser", lambda: self._targets() is not None, within=30)

    def urls(self) -> list[str]:
        """Return every URL that `$BROWSER` was asked to open."""
        lines = self.opened.read_text().splitlines() if self.opened.exists() else []
        return [line for line in lines if line != "about:blank"]

    def page(self, address: str, *, within: float = 30) -> Page:
        """Return the tab whose URL contains `address`, once there is one."""

        def probe() -> dict[str, Any] | None:
            targets = self._targets() or []
            pages = (t for t in targets if t["type"] == "page" and address in t["url"])
            return next(pages, None)

        target = wait_until(probe, f"a page at {address}", within=within, every=0.05)
        page = Page(DevTools(target["webSocketDebuggerUrl"]))
        self._pages.append(page)
        return page

    def _targets(self) -> list[dict[str, Any]] | None:
        answer: list[dict[str, Any]] | None = self._ask("/json/list")
        return answer

    def _ask(self, path: str, *, method: str = "GET") -> Any:
        """Ask the browser's own HTTP port; None while it is not up."""
        try:
            port = self._port_file.read_text().split("\n", 1)[0]
            request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method)
            with urllib.request.urlopen(request, timeout=5) as answer:
                body = answer.read()
        except (OSError, ValueError):
            return None
        return json.loads(body) if body.startswith((b"[", b"{")) else body.decode()

    def close_pages(self) -> None:
        """Back to one empty tab, and no memory of what was opened."""
        for page in self._pages:
            page.close()
        self._pages.clear()
        self.opened.unlink(missing_ok=True)
        if self._program is None or not self._program.running:
            return self.stop()
        old = [t["id"] for t in self._targets() or [] if t["type"] == "page"]
        self._ask("/json/new?about:blank", method="PUT")
        for identifier in old:
            self._ask(f"/json/close/{identifier}")
        return None

    def stop(self) -> None:
        """End it, also when the app's `$BROWSER` call started it."""
        for page in self._pages:
            page.close()
        self._pages.clear()
        version = self._ask("/json/version")
        if version is not None:
            try:
                with DevTools(version["webSocketDebuggerUrl"]) as tools:
                    tools.command("Browser.close")
            except (DevToolsError, OSError):  # it may hang up before it answers
                pass
            self._await_exit()
        if self._program is not None:
            self._program.stop()
            self._program = None
        self._port_file.unlink(missing_ok=True)

    def _await_exit(self) -> None:
        lock = self._profile / "SingletonLock"
        end = time.monotonic() + 5
        while time.monotonic() < end:
            try:
                pid = lock.readlink().name.rpartition("-")[2]
            except FileNotFoundError:  # the last thing it does
                return
            if not Path("/proc", pid).exists():
                return
            time.sleep(0.02)
