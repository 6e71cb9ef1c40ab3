"""Files that were misread: each good comment before and after a bad one goes in, and each bad one is reported."""

import codecs
import io
import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from comments.history import files
from comments.history.elements import MAX_ELEMENT_BYTES
from comments.models import Comment
from tests.history.test_history import comment, exported, forget_everything, imported, ndjson, texts

__all__ = ["imported"]

pytestmark = pytest.mark.django_db

FIRST, LAST = comment("first", 1), comment("last", 9)


def listed(*elements: bytes) -> bytes:
    return b"[" + b",\n".join([json.dumps(FIRST).encode(), *elements, json.dumps(LAST).encode()]) + b"]"


def bad(more: bytes) -> bytes:
    return b'{"timestamp": 5, "username": "Ada", "text": "bad", ' + more + b"}"


BROKEN = {
    "NaN": bad(b'"context": NaN'),
    "infinity": bad(b'"context": [-Infinity]'),
    "too large a float": bad(b'"context": 1e999'),
    "a lone surrogate": bad(b'"misc": "\\ud83d"'),
    "a lone surrogate in a key": bad(b'"context": {"\\udc00": 1}'),
    "no UTF-8": bad(b'"misc": "\xe9"'),
    "half a character": bad(b'"misc": "\xf0\x9f"'),
    "deep nesting": bad(b'"context": ' + b"[" * 100_000 + b"]" * 100_000),
    "a missing value": bad(b'"context": '),
    "a missing colon": bad(b'"context" 1'),
    "a missing quote": b'{"timestamp": 5, "username": "Ada, "text": "bad"}',
    "no end of a string": b'{"timestamp": 5, "username": "Ada", "text": "bad}',
    "no end of an object": b'{"timestamp": 5, "username": "Ada", "text": "bad"',
    "one end too many": bad(b'"misc": ""') + b"}",
    "one quote": b'"',
    "a word": b"nonsense",
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("wrapped", [False, True], ids=["an array", "an object"])
def test_what_stands_around_a_broken_element_goes_in(broken, wrapped, imported):
    content = listed(broken)
    done = imported(b'{"total": 3, "comments": ' + content + b', "cursor": 5}' if wrapped else content)
    assert [text for text in texts() if text != "bad"] == ["first", "last"]
    assert done.failed and done.refused.keys() & {2, 3}


def test_what_is_too_long_is_said_to_be_that_and_what_stands_around_it_goes_in(imported):
    done = imported(listed(bad(b'"misc": "' + b"x" * MAX_ELEMENT_BYTES + b'"')))
    assert done.refused == {2: f"it is longer than {MAX_ELEMENT_BYTES} bytes"}
    assert texts() == ["first", "last"]


@pytest.mark.parametrize("number", [b"9" * 19, b"1" + b"0" * 400, b"-" + b"9" * 30, b"18446744073709551616"])
def test_numbers_of_any_size_go_in_as_they_are_in_an_array_as_in_lines(number, imported, api, bot_token):
    whole = bad(b'"context": {"deep": [' + number + b"]}")
    done = imported(listed(whole))
    assert (done.summary, done.failed) == ("3 imported, 0 already there, 0 left out", False)
    assert Comment.objects.get(timestamp=5).context == {"deep": [int(number)]}
    assert imported(whole + b"\n").summary == "0 imported, 1 already there, 0 left out"


LINE = comment("one", 1) | {"comments": 3}
FORMS = {
    "a number": (ndjson([LINE, comment("two", 2)]), ["one", "two"]),
    "a list in each line": (
        ndjson([LINE | {"comments": [FIRST]}, comment("two", 2) | {"comments": []}]),
        ["one", "two"],
    ),
    "a list in an object alone": (json.dumps({"a": "comments", "comments": [comment("in", 3)]}).encode(), ["in"]),
    "a list deeper down": (ndjson([comment("one", 1) | {"context": {"comments": [FIRST]}}]), ["one"]),
    "one line": (ndjson([LINE]), ["one"]),
}


@pytest.mark.parametrize(("content", "expected"), FORMS.values(), ids=FORMS.keys())
def test_a_field_called_comments_does_not_make_a_line_a_list(content, expected, imported):
    done = imported(content)
    assert (texts(), done.failed) == (expected, False)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize("write", [ndjson, lambda lines: json.dumps(lines, ensure_ascii=False).encode()])
def test_other_encodings_are_read_by_their_mark(encoding, write, imported):
    mark = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE, "utf-32-le": codecs.BOM_UTF32_LE}
    done = imported(mark[encoding] + write([comment("Grüße 日本 👍", 1), LAST]).decode().encode(encoding))
    assert (texts(), done.failed) == (["Grüße 日本 👍", "last"], False)


def test_a_half_character_in_utf_16_costs_its_line_only(imported):
    lines = "".join(
        f"{json.dumps(comment(text, n), ensure_ascii=False)}\n" for n, text in enumerate(["a", "\ud83d", "c"])
    )
    done = imported(codecs.BOM_UTF16_LE + lines.encode("utf-16-le", "surrogatepass"))
    assert (texts(), done.refused) == (["a", "c"], {2: "it is not UTF-8"})


def test_null_is_absent_and_whole_numbers_may_have_a_fraction(imported):
    plain = comment("plain", 1500000030000)
    nulls = dict.fromkeys(["id", "state", "color", "domain", "language", "misc", "replyTo", "context", "botParams"])
    assert not imported([plain | nulls | {"message-type": None, "timestamp": 1500000030000.0}]).failed
    assert imported([plain]).summary == "0 imported, 1 already there, 0 left out"
    assert Comment.objects.get().timestamp == 1500000030000


def test_times_in_seconds_are_warned_of(tmp_path, capsys):
    from django.core.management import call_command

    path = tmp_path / "seconds.ndjson"
    path.write_bytes(ndjson([comment("a", 1500000030), comment("b", 1500000031), comment("c", 1500000030000)]))
    call_command("import_comments", str(path))
    assert "Warning: 2 comments say that they are from January 1970" in capsys.readouterr().err


def test_the_widest_comment_is_kept_whole(imported, api):
    widest = comment("𒐫" * 100_000, 1) | {"username": "ß" * 255, "misc": "m" * 100_000, "context": ["c" * 200_000]}
    assert not imported([widest, comment("other", 2) | {"username": "x" * 255}]).failed
    stored = Comment.objects.get(timestamp=1)
    assert (stored.text, stored.username, stored.misc) == (widest["text"], widest["username"], widest["misc"])
    found = api.get("/api/comments?uss=" + "%C3%9F" * 255).json()["comments"]
    assert [comment["timestamp"] for comment in found] == [1]
    assert api.get("/api/comments?uss=" + "X" * 255).json()["comments"][0]["text"] == "other"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(posts=st.lists(st.tuples(st.text(min_size=1, max_size=8), VALUES, VALUES), min_size=1, max_size=4))
def test_whatever_can_be_posted_is_the_same_after_an_export_and_an_import(api, bot_token, no_limits, imported, posts):
    from django.db import transaction

    with transaction.atomic():
        for text, context, note in posts:
            api.post({"text": text, "username": "Ada", "context": context, "botParams": {"note": note}})
        seen = api.get("/api/comments?limit=1000", authorization=f"Bearer {bot_token}").content
        before, comments = exported(), json.loads(seen)["comments"]
        for content in (before.encode(), seen):
            forget_everything()
            done = imported(content)
            assert (done.failed, done.refused) == (False, {})
            again = api.get("/api/comments?limit=1000", authorization=f"Bearer {bot_token}").json()["comments"]
            assert again == comments
        assert exported() == before
        transaction.set_rollback(True)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(junk=st.binary(max_size=40) | st.text('{}[]",:\\ntexu0', max_size=30).map(str.encode))
def test_whatever_bytes_a_line_has_costs_no_other_line(imported, junk):
    from django.db import transaction

    with transaction.atomic():
        done = imported(ndjson([FIRST]) + junk.replace(b"\n", b" ") + b"\n" + ndjson([LAST]))
        assert texts() == ["first", "last"]
        assert done.failed == bool(junk.strip())
        transaction.set_rollback(True)


ARRAYS = [b"[%s,%s,%s]", b'{"total":2,"comments":[%s,%s,%s],"after":["x",{"text":"","username":"","timestamp":0}]}']


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(junk=st.binary(max_size=40) | st.text('{}[]",:\\ntexu0', max_size=30).map(str.encode))
@example(b"]")
@example(b"]{")
@example(b"}}u[-")
@example(b"[0")
@example(b"{\xbd")
@example(b'"')
def test_whatever_bytes_stand_in_an_array_cost_no_other_element(junk):
    """Read without a database: what is no comment is told of, one way or the other."""
    first, last = (json.dumps(one).encode() for one in (FIRST, LAST))
    for array in ARRAYS:
        found = [value for _, value in files.values(io.BytesIO(array % (first, junk, last)))]
        whole = [value for value in found if isinstance(value, dict) and value.get("text") in ("first", "last")]
        assert [value["text"] for value in whole] == ["first", "last"], array
        assert len(found) > len(whole) or not junk.strip(b" ,\t\r\n"), array
