"""Visitors in real browsers. Each has a context of its own, and a test fails when a page of it complains."""

import json
import re
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from tests.support import needs, servers
from tests.support.chromium import ARGUMENTS
from tests.support.filled import filled_once
from tests.support.servers import Server
from tests.support.shared_site import SharedSite

POLL_AFTER_MS = 400
WITHIN_ONE_POLL_MS = POLL_AFTER_MS + 6000  # and what two busy cores may need on top
UNLIMITED = servers.UNLIMITED | {"POLL_AFTER_MS": str(POLL_AFTER_MS)}
LONG_POLLS = re.compile(r"/api/changes\?.*&wait=")
SCRIPT = re.compile(r"/js/(main|linked)\b")  # of the page, as it is or collected
# A violated Content-Security-Policy and a failed module say so on the console too.
REPORT_VIOLATIONS = """
  document.addEventListener("securitypolicyviolation", (event) => console.error("CSP", event.violatedDirective));
"""
PATIENCE = """{
  const set = window.setTimeout;
  window.setTimeout = (work, ms, ...given) => set(work, ms === 10_000 ? 60_000 : ms, ...given); // READ_TIMEOUT_MS
}"""
STILL = """() => document.getAnimations()
  .every(({ effect }) => effect.getComputedTiming().iterations === Infinity)"""  # a light that breathes


def pytest_collection_modifyitems(config, items):
    ours = [item for item in items if "/tests/browser/" in str(item.path)]
    for item in ours:
        item.add_marker(pytest.mark.browser)
    if needs.IN_CI:
        left_out = further_cases(ours)
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def further_cases(items) -> set:
    """The short form: of a test with several cases the first, unless they share one page and take no time."""
    seen, further = set(), set()
    for item in items:
        name = item.nodeid.partition("[")[0]
        if name in seen and "module_page" not in item.fixturenames:
            further.add(item)
        seen.add(name)
    return further


@pytest.fixture(scope="package")  # not the session: while it runs, Django takes the main thread for asynchronous
def chromium():
    path = needs.chromium()
    if path is None:
        needs.without("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class Visitor:
    """One person with a browser at the page. `problems` is what must stay empty."""

    def __init__(self, context: BrowserContext, server: Server):
        self.context = context
        self.server = server
        self.problems = []
        self.expected = []
        context.on("console", lambda message: message.type in ("error", "warning") and self.note(message.text))
        context.on("weberror", lambda error: self.note(str(error.error)))
        context.on("request", self.check_request)
        context.add_init_script(REPORT_VIOLATIONS)
        self.page: Page = context.new_page()

    def note(self, problem: str) -> None:
        if not any(re.search(pattern, problem) for pattern in self.expected):
            self.problems.append(problem)

    def check_request(self, request) -> None:
        if urlsplit(request.url).hostname != "127.0.0.1" and not request.url.startswith("data:"):
            self.note(f"request to {request.url}")

    def expects_failing_requests(self) -> None:
        """The browser itself writes them to the console."""
        self.expected += ["Failed to load resource", "^WebSocket connection to .* failed"]

    def without_push(self) -> "Visitor":
        """There is no WebSocket, and a long poll is answered at once, as by a proxy that knows no better."""
        self.context.add_init_script("delete window.WebSocket")
        self.context.route(LONG_POLLS, lambda route: route.continue_(url=re.sub(r"&wait=\d+", "", route.request.url)))
        return self

    def is_patient(self) -> "Visitor":
        """Waits for a late answer for as long as a busy machine takes for what happens meanwhile."""
        self.context.add_init_script(PATIENCE)
        return self

    def opens(self, path: str = "/") -> "Visitor":
        self.page.goto(self.server.url + path)
        return self

    def is_live(self) -> "Visitor":
        """Has loaded its comments and follows the stream."""
        expect(self.page.locator("#connection")).to_have_text("Live", timeout=10_000)
        return self

    def is_named(self, username: str) -> "Visitor":
        self.opens_name()
        self.page.fill("#name", username)
        return self

    def opens_name(self) -> "Visitor":
        """Who has a name sees it as a chip, which opens the fields again."""
        if self.page.locator("#chip").is_visible():
            self.page.click("#chip")
        return self

    def says(self, text: str) -> "Visitor":
        self.page.fill("#text", text)
        self.page.press("#text", "Enter")
        return self

    def comment(self, text: str):
        """The comments with exactly this text, wherever they stand."""
        return self.page.locator(".comment").filter(has=self.page.get_by_text(text, exact=True))

    def acts_on(self, item, act: str) -> None:
        """As the bar of a comment offers it: "reply", "link", "copy", "hide"."""
        item.hover()
        self.page.locator(f".actions [data-act={act}]").click()

    def sees(self, text: str, times: int = 1, timeout: float = WITHIN_ONE_POLL_MS) -> None:
        expect(self.comment(text)).to_have_count(times, timeout=timeout)

    def does_not_see(self, text: str) -> None:
        self.sees(text, times=0)

    @property
    def texts(self) -> list[str]:
        return self.page.locator("#comments .comment__text").all_text_contents()

    def in_stream(self, text: str) -> int:
        """How often the stream itself has it."""
        return self.texts.count(text)

    def posts(self) -> list[dict]:
        """The bodies of the page's POST requests from now on."""
        posts = []
        self.page.on(
            "request", lambda request: request.method == "POST" and posts.append(json.loads(request.post_data))
        )
        return posts

    def scrolls_to(self, pixels_above_end: float) -> None:
        self.page.evaluate("(to) => { document.querySelector('#stream').scrollTop = -to }", pixels_above_end)

    def stands_still(self) -> "Visitor":
        """While something comes, 44 pixels may measure a hair less."""
        self.waits_for(STILL)
        return self

    def waits_for(self, condition: str, timeout: float = 10_000) -> None:
        # Not page.wait_for_function: the page compiles that with eval, which its policy forbids.
        wait_until(lambda: self.page.evaluate(condition), timeout / 1000, self.page)


def wait_until(holds, seconds: float, page: Page) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "The condition has not come true."
        page.wait_for_timeout(30)


@pytest.fixture
def arrive(chromium, start_server):
    """Brings visitors: `arrive(server, java_script_enabled=False)`; what is named goes to the browser's context.

    They leave before the servers that a test started are stopped.
    """
    visitors = []

    def arrive(server: Server, **context) -> Visitor:
        visitors.append(Visitor(chromium.new_context(**{"timezone_id": "UTC"} | context), server))
        return visitors[-1]

    yield arrive
    for visitor in visitors:
        visitor.context.close()
    assert [visitor.problems for visitor in visitors if visitor.problems] == []


@pytest.fixture
def visitor(arrive, site) -> Visitor:
    return arrive(site).opens().is_live()


@pytest.fixture
def polling_visitor(arrive, site) -> Visitor:
    return arrive(site).without_push().opens().is_live()


def collect(folder: Path) -> None:
    Server(folder).manage("collectstatic", "--noinput", "-v0")


@pytest.fixture(scope="session")
def make_server(make_server, tmp_path_factory):
    """Makes servers whose files of the page are collected, as bin/serve prepares them; `as_checked_out` ones are not.

    A page then takes ten requests, and not a hundred.
    """

    def prepared(database: str = "", as_checked_out: bool = False, **settings) -> Server:
        server = make_server(database, **settings)
        if not as_checked_out:
            collected = filled_once(tmp_path_factory.getbasetemp(), "collected", collect)
            (server.folder / "static").symlink_to(collected / "static")
        return server

    return prepared


@pytest.fixture(scope="package")
def shared_site(make_server):
    with make_server("sqlite", kind=SharedSite, **UNLIMITED) as server:
        yield server


@pytest.fixture(scope="package")
def site_in_turn(make_server):
    with make_server("sqlite", kind=SharedSite, **UNLIMITED) as server:
        yield server


@pytest.fixture
def site(shared_site) -> Server:
    """A server without limits that tests share: its stream has whatever the tests before have said."""
    return shared_site


@pytest.fixture(scope="package")
def rare_site_in_turn(make_server):
    with make_server("sqlite", kind=SharedSite, **UNLIMITED | {"POLL_AFTER_MS": "60000"}) as site:
        yield site


@pytest.fixture
def rare_site(rare_site_in_turn) -> Server:
    """A page that polls here asks once in a minute: what arrives sooner was pushed, or asked for at once."""
    return rare_site_in_turn.begins_anew()


@pytest.fixture(scope="package")
def site_as_checked_out(make_server):
    with make_server("sqlite", as_checked_out=True) as server:
        yield server


@pytest.fixture(scope="module")
def module_page(chromium, site_as_checked_out) -> Page:
    context = chromium.new_context(timezone_id="UTC")
    page = context.new_page()
    page.goto(f"{site_as_checked_out.url}/no-such-page")
    yield page
    context.close()


@pytest.fixture
def run(module_page):
    """Calls a function with a module and an argument: `run("state/colors", "(module, color) => …", "255000000")`."""

    def run(name: str, function: str, argument=None):
        code = f"async ([path, argument]) => ({function})(await import(path), argument)"
        return module_page.evaluate(code, [f"/static/js/{name}.js", argument])

    return run


def history(count: int, newest_ms: int | None = None, **more) -> list[dict]:
    """Comments a minute apart, the newest a minute ago."""
    newest_ms = newest_ms or time.time_ns() // 1_000_000
    return [
        {
            "id": f"history-{number}",
            "timestamp": newest_ms - (count - number) * 60_000,
            "username": f"user {number % 7}",
            "text": f"comment {number}",
            "color": f"{number * 37 % 256:03}{number * 91 % 256:03}{number * 53 % 256:03}",
        }
        | more
        for number in range(count)
    ]


def import_into(server: Server, comments: list[dict]) -> None:
    server.manage("import_comments", "-", input="\n".join(map(json.dumps, comments)))


def moderate(server: Server, verb: str, *ids: str) -> None:
    """What the admin's actions do."""
    code = f"from comments.models import Comment; Comment.objects.filter(pk__in={ids}).{verb}()"
    server.manage("shell", "-v0", "-c", code)


@contextmanager
def broken_route(visitor: Visitor, pattern: str, method: str = "POST"):
    """The network fails for requests with this method."""

    def fail(route):
        route.abort() if route.request.method == method else route.continue_()

    visitor.expects_failing_requests()
    visitor.page.route(pattern, fail)
    yield
    visitor.page.unroute(pattern, fail)


@contextmanager
def late_answer(page: Page, pattern: str):
    """The first answer to such a request is as it was when it was asked, and comes at the end. Yields what waits for
    the request."""
    held = []
    page.route(pattern, lambda route: held.append((route, route.fetch())), times=1)
    yield lambda: wait_until(lambda: held, 10, page)
    ((route, answer),) = held
    with page.expect_response(pattern):
        route.fulfill(response=answer)
