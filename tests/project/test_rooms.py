"""The house: which room may import which (pyproject.toml has the floors), and what those downstairs do not know."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from comments.history.importing import _comment
from comments.stream.comment import Comment, MessageType
from comments.text.cleaning import MESSAGE_TYPES, Draft
from comments.wire.schemas import CommentForBots, CommentIn
from tests.support.declared_settings import ROOT

pytestmark = pytest.mark.once

BELOW_THE_DOORS = ["reading", "writing", "history", "wire", "stream", "text", "callers", "audit", "upkeep"]
ROOMS = [*BELOW_THE_DOORS, "bots", "hooks", "api", "page", "desk"]


def run(*command: str) -> subprocess.CompletedProcess:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_arrows_between_the_rooms_go_down_only_and_in_no_circle():
    done = run(str(Path(sys.executable).with_name("lint-imports")), "--no-cache")
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_the_types_of_the_rooms_that_keep_the_promise_agree():
    done = run(sys.executable, "-m", "mypy")
    assert done.returncode == 0, done.stdout


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module}
    return found


@pytest.mark.parametrize("room", BELOW_THE_DOORS)
def test_below_the_doors_nothing_knows_the_http_classes_of_django(room):
    for path in (ROOT / "comments" / room).rglob("*.py"):
        known = {name for name in imports_of(path) if name.startswith(("django.http", "ninja")) and name != "ninja"}
        assert not known, path


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_says_what_belongs_there_and_where_to_begin(room):
    docstring = ast.get_docstring(ast.parse((ROOT / "comments" / room / "__init__.py").read_text()))
    assert docstring
    assert "Imports" in docstring or room == "audit"


# A comment's fields


def names(fields) -> set[str]:
    return set(fields)


def test_a_field_of_a_comment_stands_where_these_tests_say_and_nowhere_else():
    """To add one: the model and its migration; Draft, if it may be sent; CommentIn and CommentForBots (or CommentOut)
    of the wire; `_comment` of the import; and `static/js`, if the page shows it. The rest follows from these."""
    stored = names(field.name for field in Comment._meta.concrete_fields)
    of_the_stream = {
        "timestamp",
        "version",
        "bots_version",
        "state",
        "username_key",
        "author_key",
        "staff",
        "work",
        "wall",
    }
    assert names(Draft.__dataclass_fields__) == names(CommentIn.model_fields) == stored - of_the_stream
    assert names(CommentForBots.model_fields) == stored - (of_the_stream - {"timestamp", "staff"})
    imported = _comment({"timestamp": 1, "username": "Ada", "text": "Hi"})
    assert names(imported.__dict__) - {"_state"} == stored


def test_kinds_of_authors_are_the_same_in_the_words_and_in_the_model():
    assert MessageType.values == list(MESSAGE_TYPES)
