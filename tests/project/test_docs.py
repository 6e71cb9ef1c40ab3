"""The documents are true: the settings table, the links. What docs/bots.md tells to do, tests/bots does."""

import re
import runpy

import pytest

from tests.support.declared_settings import ROOT, declared_settings

README = (ROOT / "README.md").read_text()
ROW = re.compile(r"^\| `(?P<name>[A-Z_]+)` \| (?P<default>.+?) \| (?P<meaning>.+) \|$", re.MULTILINE)
TABLE = {row["name"]: row["default"] for row in ROW.finditer(README)}
# What bin/serve reads, as in ${PORT:-8000}.
OF_BIN_SERVE = dict(re.findall(r"\$\{([A-Z]+):-(.+?)\}", (ROOT / "bin/serve").read_text()))

pytestmark = pytest.mark.once


@pytest.fixture
def defaults(monkeypatch, tmp_path) -> dict:
    """What settings.py makes of an environment that sets nothing but where files go."""
    for name in declared_settings():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    return runpy.run_path(str(ROOT / "saywhat/settings.py"))


def shown(value, tmp_path) -> str:
    """A setting's value as one writes it into the environment."""
    match value:
        case bool():
            return str(value).lower()
        case list():
            return ",".join(map(str, value))
    return str(value).replace(f"{tmp_path}/", "")


def test_every_setting_stands_in_the_readme_and_no_other_does():
    assert set(TABLE) == set(declared_settings()) | set(OF_BIN_SERVE)


@pytest.mark.parametrize("name", sorted(declared_settings().keys() - {"SECRET_KEY", "AUTHOR_KEY_SECRET", "VAR_DIR"}))
def test_the_readme_has_the_true_default(name, defaults, tmp_path):
    value = shown(defaults[name], tmp_path)
    assert TABLE[name].startswith(f"`{value}`" if value else "empty")


@pytest.mark.parametrize("name", OF_BIN_SERVE)
def test_the_readme_has_the_default_of_bin_serve(name):
    assert TABLE[name] == f"`{OF_BIN_SERVE[name]}`"


def test_files_go_to_var_in_the_checkout():
    assert declared_settings()["VAR_DIR"] == "BASE_DIR / 'var'"
    assert TABLE["VAR_DIR"] == "`var`"


def test_the_secret_key_is_made_once_and_kept_where_the_readme_says(defaults, tmp_path):
    assert "`var/secret_key`" in TABLE["SECRET_KEY"]
    assert (tmp_path / "var/secret_key").read_text() == defaults["SECRET_KEY"]
    assert len(defaults["SECRET_KEY"]) > 50


def test_the_author_keys_secret_is_the_secret_key_unless_it_is_set(defaults):
    assert "`SECRET_KEY`" in TABLE["AUTHOR_KEY_SECRET"]
    assert defaults["AUTHOR_KEY_SECRET"] == defaults["SECRET_KEY"]


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], ids=lambda page: page.name)
def test_links_between_the_documents_lead_somewhere(page):
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)[^)]*\)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []
