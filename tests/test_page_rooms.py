"""The rooms of the page's script: which may import which, and that the pure one is pure."""

import re

import pytest

from tests.support.declared_settings import ROOT

SCRIPTS = ROOT / "static" / "js"
MAY_IMPORT = {
    "state": {"state"},
    "server": {"server", "state"},
    "view": {"view", "state"},
    "form": {"form", "view", "state"},
    "page": {"page", "state", "server", "view", "form"},
    "main.js": {"page"},
    "desk": {"desk"},
}
IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']""")
COMMENT = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)
STRING = re.compile(r'"[^"\n]*"')
IMPURE = (
    "document|window|globalThis|self|navigator|location|fetch|XMLHttpRequest|WebSocket|BroadcastChannel|localStorage|"
    "sessionStorage|indexedDB|crypto|performance|setTimeout|setInterval|queueMicrotask|requestAnimationFrame|"
    "addEventListener|console"
)
IMPURE_CALLS = [r"Date\.now", r"(?<!\w)Date\(\)", r"Math\.random"]

pytestmark = pytest.mark.once


def modules() -> list[str]:
    return sorted(str(path.relative_to(SCRIPTS)) for path in SCRIPTS.rglob("*.js"))


def room(module: str) -> str:
    return module.split("/")[0]


def code(module: str) -> str:
    return COMMENT.sub("", (SCRIPTS / module).read_text())


def imports(module: str) -> set[str]:
    folder = (SCRIPTS / module).parent
    return {str((folder / name).resolve().relative_to(SCRIPTS)) for name in IMPORT.findall(code(module))}


def test_every_module_stands_in_a_room():
    assert {room(module) for module in modules()} == set(MAY_IMPORT)


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_only_what_its_room_may(module):
    missing = {name for name in imports(module) if not (SCRIPTS / name).is_file()}
    assert missing == set()
    assert {room(name) for name in imports(module)} <= MAY_IMPORT[room(module)]


def test_no_module_imports_itself_by_way_of_others():
    above = {module: imports(module) for module in modules()}
    while bottom := {module for module in above if not above[module] & above.keys()}:
        above = {module: names for module, names in above.items() if module not in bottom}
    assert sorted(above) == []


@pytest.mark.parametrize("module", [module for module in modules() if room(module) == "state"])
def test_state_knows_no_page_no_network_no_clock_and_no_chance(module):
    names = rf"(?<![\w.#$])(?:{IMPURE})\b"
    assert re.findall("|".join([names, *IMPURE_CALLS]), code(module)) == []


@pytest.mark.parametrize("module", [m for m in modules() if room(m) == "server" and m != "server/browser.js"])
def test_what_follows_the_server_asks_of_the_browser_only_what_a_storm_can_stand_in_for(module):
    names = rf"(?<![\w.#$])(?:{IMPURE})\b"
    assert re.findall("|".join([names, *IMPURE_CALLS]), STRING.sub("", code(module))) == []


def test_every_module_is_reached_from_main():
    reached, waiting = set(), ["main.js", "desk/main.js"]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += imports(module)
    assert reached == set(modules())
