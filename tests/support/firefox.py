"""Firefox without a screen, driven by its own WebDriver BiDi: a WebSocket that it opens itself, so that nothing stands
in between. It has a new profile, and asks nobody but loopback."""

import json
import subprocess
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path

from websockets.sync.client import connect

START_SECONDS = 60
ANSWER_SECONDS = 60
STEP_SECONDS = 0.05
NEEDS_TO_KNOW = "WebDriverBiDiServer.json"  # where Firefox writes down where it listens
KEYS = {"Enter": "\ue007", "End": "\ue010", "Tab": "\ue004"}
# All that is not loopback goes to a proxy that is not there.
PREFERENCES = {
    "app.update.disabledForTesting": True,
    "browser.safebrowsing.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.disable_beforeunload": True,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "toolkit.telemetry.server": "",
}


class Firefox:
    """`problems` is what its pages have written to the console, or have not caught."""

    def __init__(self, program: str, folder: Path):
        self.program = program
        self.folder = folder
        self.problems: list[str] = []
        self._numbers = count(1)

    def __enter__(self) -> "Firefox":
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
        (self.folder / "user.js").write_text("\n".join(lines))
        command = [self.program, "--headless", "--no-remote", "--profile", self.folder, "--remote-debugging-port", "0"]
        with (self.folder / "firefox.log").open("w") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        with ExitStack() as opened:
            opened.callback(self._kill)
            self.socket = opened.enter_context(connect(f"ws://{self._address()}/session", max_size=None, proxy=None))
            self.call("session.new", capabilities={})
            self.call("session.subscribe", events=["log.entryAdded"])
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *exception) -> None:
        with self._opened:
            self.call("browser.close")

    def _kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def _address(self) -> str:
        written = self.folder / NEEDS_TO_KNOW
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                found = json.loads(written.read_text())
                return f"{found['ws_host']}:{found['ws_port']}"
            except (FileNotFoundError, json.JSONDecodeError):
                assert time.monotonic() < deadline, (self.folder / "firefox.log").read_text()
                time.sleep(STEP_SECONDS)

    def call(self, method: str, **params) -> dict:
        """One command of https://w3c.github.io/webdriver-bidi/ and its result."""
        number = next(self._numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv(ANSWER_SECONDS))
            if message.get("id") == number:
                assert message["type"] == "success", message
                return message["result"]
            self._hear(message)

    def _hear(self, event: dict) -> None:
        if event.get("method") == "log.entryAdded" and event["params"]["level"] in ("warn", "error"):
            self.problems.append(event["params"]["text"])

    def tab(self, url: str) -> "Tab":
        tab = Tab(self, self.call("browsingContext.create", type="tab")["context"])
        tab.goes_to(url)
        return tab


class Tab:
    def __init__(self, firefox: Firefox, context: str):
        self.firefox = firefox
        self.context = context

    def goes_to(self, url: str) -> None:
        self.firefox.call("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def reloads(self) -> None:
        self.firefox.call("browsingContext.reload", context=self.context, wait="complete")

    def value(self, expression: str):
        """Of JavaScript that gives something JSON has."""
        found = self.firefox.call(
            "script.evaluate",
            expression=f"JSON.stringify(({expression}) ?? null)",
            target={"context": self.context},
            awaitPromise=True,
        )
        assert found["type"] == "success", found
        return json.loads(found["result"]["value"])

    def waits_for(self, expression: str, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not self.value(expression):
            assert time.monotonic() < deadline, (
                f"{expression} has not come true: {self.value('document.body.innerText')}"
            )
            time.sleep(STEP_SECONDS)

    def types(self, selector: str, text: str, *keys: str) -> None:
        """As by hand, and then these keys: `types("#text", "Hello", "Enter")`."""
        self.value(f"document.querySelector({json.dumps(selector)}).focus()")
        presses = [*text, *(KEYS[key] for key in keys)]
        actions = [{"type": kind, "value": key} for key in presses for kind in ("keyDown", "keyUp")]
        self._perform({"type": "key", "id": "keyboard", "actions": actions})

    def turns_wheel(self, pixels: int) -> None:
        """In the middle of the page; up, if it is negative."""
        middle = self.value("[innerWidth / 2, innerHeight / 2].map(Math.round)")
        scroll = {"type": "scroll", "x": middle[0], "y": middle[1], "deltaX": 0, "deltaY": pixels}
        self._perform({"type": "wheel", "id": "wheel", "actions": [scroll]})

    def _perform(self, source: dict) -> None:
        self.firefox.call("input.performActions", context=self.context, actions=[source])
