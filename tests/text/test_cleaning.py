"""What visitors send: kept as written, or refused by name. Nothing in between."""

import json
import re
from dataclasses import replace
from unicodedata import category, is_normalized, normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from comments.errors import Refused
from comments.text import cleaning
from comments.text.cleaning import Draft, clean, clean_json, clean_text, clean_username, username_key

pytestmark = pytest.mark.once

DRAFT = Draft(text="Hello", username="Ada")

# Anything that a JSON body can carry: every code point, lone surrogates among them, and runs that are likely to hurt.
ANY_TEXT = st.text(max_size=60) | st.text(
    alphabet=st.sampled_from(
        [*"aé \t\n\r\v\f\u0301\u2028\u2029\u00a0\u3000\u200b\u200d\u202e\u2066\ufeff\0\x1b\ud83d😀日"]
    ),
    max_size=60,
)
SURROGATES = st.text(alphabet=st.characters(), max_size=60)


def refusal_of(change, *arguments) -> str:
    with pytest.raises(Refused) as refused:
        change(*arguments)
    assert refused.value.status == 422
    return refused.value.code


# Text


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Hello, world", "Hello, world"),
        ("one\ntwo", "one\ntwo"),
        ("one\r\ntwo\rthree\u2028four\u2029five", "one\ntwo\nthree\nfour\nfive"),
        ("a\tb", "a\tb"),
        ("  indented\n    more", "  indented\n    more"),
        ("a  b   c", "a  b   c"),
        ("e\u0301", "é"),
        ("ﬁne", "ﬁne"),
        ("שלום עולם", "שלום עולם"),
        ("👩‍👩‍👧 family", "👩‍👩‍👧 family"),
        ("می‌خواهم", "می‌خواهم"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("hello \n", "hello"),
        ("\n \n  hello", "  hello"),
    ],
)
def test_R48_a_text_is_kept_as_it_was_written_newlines_and_all(sent, kept):
    assert clean_text(sent) == kept


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a\n\nb", "a\n\nb"),
        ("a\n\n\nb", "a\n\n\nb"),
        ("a\n\n\n\nb", "a\n\n\nb"),
        ("a" + "\n" * 900 + "b", "a\n\n\nb"),
        ("a\n \n\t\n\u3000\nb", "a\n\n\nb"),
        ("a\r\n\r\n\r\n\r\nb", "a\n\n\nb"),
        ("a\n\n\n\n  b", "a\n\n\n  b"),
        ("a\n \nb", "a\n \nb"),
    ],
)
def test_at_most_two_blank_lines_stand_in_a_row(sent, kept):
    assert clean_text(sent) == kept


@pytest.mark.parametrize(
    "sent", ["", " ", "\n\n", "\u00a0\u3000", "\u200b", "\u202e", "\u0301", "\u3164", "\u2800", "\u200d\ufe0f"]
)
def test_a_text_needs_something_to_see(sent):
    assert refusal_of(clean_text, sent) == "text_required"


@pytest.mark.parametrize("length", [1, 1000])
@pytest.mark.parametrize("character", ["a", "😀", "日", "\U00020000"])
def test_R47_lengths_are_counted_in_code_points(character, length):
    assert clean_text(character * length) == character * length


@pytest.mark.parametrize("character", ["a", "😀", "\u0958"])  # the last one is two code points once it is NFC
def test_R46_too_long_a_text_is_refused_and_never_cut(character):
    assert refusal_of(clean_text, character * 1001) == "text_too_long"


def test_R46_a_text_that_normalisation_makes_too_long_is_refused():
    assert refusal_of(clean_text, "\u0958" * 501) == "text_too_long"
    assert len(clean_text("\u0958" * 500)) == 1000


def test_a_text_that_normalisation_makes_short_enough_goes_in():
    assert clean_text("e\u0301" * 1000) == "é" * 1000


UNSTORABLE = ["\0", "\ud83d", "\ude00", "\ude00\ud83d", "\ufffe", "\uffff", "\ufdd0", "\U0001fffe", "\U0010ffff"]
CONTROLS = [chr(code) for code in [*range(1, 9), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)]]


@pytest.mark.parametrize("character", UNSTORABLE + CONTROLS, ids=ascii)
def test_what_is_no_text_is_refused_in_every_field(character):
    written = f"a{character}b"
    assert refusal_of(clean_text, written) == "invalid_text"
    assert refusal_of(clean_username, written) == "invalid_username"
    assert refusal_of(cleaning.clean_misc, written) == "invalid_misc"


@pytest.mark.parametrize("character", UNSTORABLE, ids=ascii)
def test_what_is_no_text_is_refused_anywhere_in_the_context(character):
    for value in (character, ["a", {"b": [character]}], {character: 1}):
        assert refusal_of(clean_json, "context", value, 1000) == "invalid_context"


@given(ANY_TEXT | SURROGATES)
@example("a\r\u0301")
@example("a\n\n\n\u0301")
@example("\u2028" * 5 + "a")
@example("a \n" * 5)
def test_a_cleaned_text_is_clean_and_stays_the_same(sent):
    try:
        kept = clean_text(sent)
    except Refused as refused:
        assert refused.status == 422
        return
    assert clean_text(kept) == kept
    assert is_normalized("NFC", kept)
    assert kept.encode().decode() == kept
    assert 1 <= len(kept) <= cleaning.MAX_TEXT
    assert not any(category(character) == "Cc" for character in kept if character not in "\n\t")
    assert not re.search(r"\n\s*\n\s*\n\s*\n", kept)


@given(ANY_TEXT | SURROGATES)
def test_R46_a_text_is_refused_or_loses_nothing_that_can_be_seen(sent):
    try:
        kept = clean_text(sent)
    except Refused:
        return
    assert seen(kept) == seen(normalize("NFC", re.sub("[\u2028\u2029]", "\n", sent)))


@given(st.integers(0, 1200), st.sampled_from(["a", "😀", "日\n", "é ", "e\u0301"]))
def test_R46_a_text_of_any_length_is_refused_or_whole(length, piece):
    sent = (piece * length)[:1200]
    try:
        kept = clean_text(sent)
    except Refused:
        assert not sent.strip() or len(normalize("NFC", sent).strip()) > cleaning.MAX_TEXT
    else:
        assert seen(kept) == seen(normalize("NFC", sent))


def seen(text: str) -> str:
    return "".join(text.split())


# Names


@pytest.mark.parametrize(
    "name",
    [
        "Ada",
        "a",
        "x" * 16,
        "José",
        "日本",
        "Ольга",
        "محمد",
        "Ада Л.",
        "o'neil",
        "a  b",
        "😀",
        "N1",
        "<b>",
        "शिव",
        "คน",
        "❤️",
        "½",
    ],
)
def test_R30_a_name_in_any_script_is_kept_as_typed(name):
    assert clean_username(name) == name


@pytest.mark.parametrize(
    ("sent", "kept"),
    [(" Ada ", "Ada"), ("Ada\n", "Ada"), ("\u3000日本\u00a0", "日本"), ("Jose\u0301", "José"), ("Ａｄａ", "Ａｄａ")],
)
def test_a_name_is_trimmed_and_composed(sent, kept):
    assert clean_username(sent) == kept


TROJANS = {
    "right-to-left override": "a\u202eb",
    "left-to-right override": "a\u202db",
    "right-to-left embedding": "a\u202bb",
    "left-to-right embedding": "a\u202ab",
    "pop directional formatting": "a\u202cb",
    "left-to-right isolate": "a\u2066b",
    "right-to-left isolate": "a\u2067b",
    "first strong isolate": "a\u2068b",
    "pop directional isolate": "a\u2069b",
    "right-to-left mark": "a\u200fb",
    "left-to-right mark": "a\u200eb",
    "Arabic letter mark": "a\u061cb",
    "balanced isolates": "\u2067admin\u2069",
}
INVISIBLES = {
    "zero width space": "ad\u200bmin",
    "zero width non-joiner": "ad\u200cmin",
    "zero width joiner": "ad\u200dmin",
    "word joiner": "ad\u2060min",
    "byte order mark": "ad\ufeffmin",
    "soft hyphen": "ad\u00admin",
    "combining grapheme joiner": "ad\u034fmin",
    "Hangul filler": "ad\u3164min",
    "halfwidth Hangul filler": "ad\uffa0min",
    "Hangul choseong filler": "ad\u115fmin",
    "Hangul jungseong filler": "ad\u1160min",
    "Khmer inherent vowel": "ad\u17b4min",
    "Mongolian vowel separator": "ad\u180emin",
    "Mongolian variation selector": "ad\u180bmin",
    "blank braille cell": "ad\u2800min",
    "variation selector 16": "ad\ufe0fmin",
    "variation selector 1": "ad\ufe00min",
    "variation selector 17": "ad\U000e0100min",
    "tag character": "ad\U000e0061min",
    "invisible times": "ad\u2062min",
    "interlinear annotation": "ad\ufff9min",
    "shorthand format": "ad\U0001bca0min",
    "musical begin beam": "ad\U0001d173min",
    "line separator": "ad\u2028min",
    "paragraph separator": "ad\u2029min",
    "newline": "ad\nmin",
    "tab": "ad\tmin",
}


@pytest.mark.parametrize("name", TROJANS.values(), ids=TROJANS.keys())
def test_R60_a_name_cannot_turn_the_writing_direction(name):
    assert refusal_of(clean_username, name) == "invalid_username"


@pytest.mark.parametrize("name", INVISIBLES.values(), ids=INVISIBLES.keys())
def test_R60_a_name_cannot_have_what_is_not_seen(name):
    assert refusal_of(clean_username, name) == "invalid_username"


@pytest.mark.parametrize("name", ["", " ", "\t\n", "\u00a0", "\u3000\u2003", "\u0301", "\u0301\u0302"])
def test_R60_a_name_needs_a_visible_character(name):
    assert refusal_of(clean_username, name) == "username_required"


@pytest.mark.parametrize(
    "name", ["\u3164", "\u2800\u2800", "\uffa0", "\u115f\u1160", "\u200b", "\U000e0020", "\u00ad"]
)
def test_R60_a_name_of_fillers_alone_is_refused(name):
    assert refusal_of(clean_username, name) == "invalid_username"


@pytest.mark.parametrize("name", ["x" * 17, "日" * 17, "😀" * 17, "\ufdfa", "㎯" * 6])
def test_R46_too_long_a_name_is_refused_also_when_only_its_plain_form_is(name):
    assert refusal_of(clean_username, name) == "username_too_long"


@given(ANY_TEXT | st.text(max_size=20))
def test_a_cleaned_name_is_clean_and_stays_the_same(sent):
    try:
        kept = clean_username(sent)
    except Refused as refused:
        assert refused.status == 422
        return
    assert clean_username(kept) == kept
    assert is_normalized("NFC", kept)
    assert kept.encode().decode() == kept
    assert 1 <= len(kept) <= cleaning.MAX_USERNAME
    assert not any(
        category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in kept + normalize("NFKC", kept)
    )
    assert seen(kept) == seen(normalize("NFC", sent))


@given(ANY_TEXT | st.text(max_size=20))
def test_a_stored_name_finds_itself_by_its_key(sent):
    try:
        kept = clean_username(sent)
    except Refused:
        return
    assert username_key(kept) == username_key(sent.strip())
    assert username_key(username_key(kept)) == username_key(kept)
    assert len(username_key(kept)) <= 255


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada", "ADA"),
        ("José", "JOSE\u0301"),
        ("Ａｄａ", "ada"),
        ("ОЛЬГА", "Ольга"),
        ("Straße", "STRASSE"),
        ("ﬁ", "FI"),
    ],
)
def test_R30_names_that_differ_in_case_or_width_have_one_key(one, other):
    assert username_key(one) == username_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("José", "Jos"), ("日本", "Ольга"), ("日本", "日"), ("Ada", "Аda"), ("a b", "ab")]
)
def test_R30_other_names_have_other_keys(one, other):
    assert username_key(one) != username_key(other)


# The other fields


def test_a_draft_of_text_and_name_is_completed(settings):
    settings.DOMAIN = "example.org"
    cleaned = clean(Draft(text=" Hello ", username=" Ada "))
    assert (cleaned.text, cleaned.username) == (" Hello", "Ada")
    assert (cleaned.domain, cleaned.language, cleaned.message_type) == ("example.org", "en", "human")
    assert (cleaned.misc, cleaned.reply_to, cleaned.id) == ("", "", "")
    assert (cleaned.context, cleaned.bot_params) == (None, None)


def test_a_color_that_is_not_given_depends_on_the_name_alone():
    colors = {clean(Draft(text=text, username=name)).color for text in ("a", "b") for name in ("Ada", "ADA", "Ａda")}
    assert len(colors) == 1
    assert clean(replace(DRAFT, username="Bob")).color not in colors


def test_a_color_that_is_given_is_kept():
    assert clean(replace(DRAFT, color="#ffb400")).color == "255180000"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("color", "999999999", "invalid_color"),
        ("color", "red", "invalid_color"),
        ("domain", "a b", "invalid_domain"),
        ("domain", "x" * 101, "invalid_domain"),
        ("domain", "ex\u0430mple.org", "invalid_domain"),
        ("domain", "example.org\n", "invalid_domain"),
        ("language", "en_US", "invalid_language"),
        ("language", "x" * 36, "invalid_language"),
        ("language", "en\n", "invalid_language"),
        ("message_type", "ai", "invalid_message-type"),
        ("message_type", "admin", "invalid_message-type"),
        ("misc", "x" * 201, "misc_too_long"),
        ("misc", "\x1b[31m", "invalid_misc"),
        ("reply_to", "a b", "invalid_replyTo"),
        ("reply_to", "x" * 65, "invalid_replyTo"),
        ("id", "a b", "invalid_id"),
        ("id", "x" * 65, "invalid_id"),
        ("id", "a/b", "invalid_id"),
        ("id", "a\n", "invalid_id"),
        ("id", "１２３", "invalid_id"),
        ("id", "health", "invalid_id"),
        ("context", "x" * 8 * 1024, "context_too_large"),
        ("bot_params", {"x": "y" * 2 * 1024}, "bot_params_too_large"),
    ],
)
def test_what_a_field_cannot_be_is_refused_by_its_name(field, value, code):
    assert refusal_of(clean, replace(DRAFT, **{field: value})) == code


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("domain", "Example.ORG", "example.org"),
        ("domain", "localhost:8000", "localhost:8000"),
        ("language", "zh-Hant-TW", "zh-Hant-TW"),
        ("message_type", "AI", "AI"),
        ("misc", "é" * 200, "é" * 200),
        ("reply_to", "1759244943773-z4timztmx", "1759244943773-z4timztmx"),
        ("id", "1759244943773-z4timztmx", "1759244943773-z4timztmx"),
        ("context", [], []),
        ("context", "", ""),
        ("context", {"lines": ["a", None, 1.5, True]}, {"lines": ["a", None, 1.5, True]}),
        ("bot_params", {}, {}),
        ("bot_params", {"processed": False}, {"processed": False}),
    ],
)
def test_what_a_field_can_be_is_kept(field, value, kept):
    assert getattr(clean(replace(DRAFT, **{field: value})), field) == kept


# What belongs to bots


@pytest.mark.parametrize("character", ["a", "é", "日", "😀"])
def test_R58_json_is_measured_in_bytes_as_it_is_stored(character):
    room = (100 - 2) // len(character.encode())  # two bytes are the quotation marks
    assert clean_json("context", character * room, 100) == character * room
    assert refusal_of(clean_json, "context", character * (room + 1), 100) == "context_too_large"


@pytest.mark.parametrize(
    "number", [float("nan"), float("inf"), float("-inf"), 10**5000], ids=["nan", "inf", "-inf", "5,001 digits"]
)
def test_a_number_that_json_cannot_carry_is_refused(number):
    assert refusal_of(clean_json, "context", {"a": [number]}, 10_000) == "invalid_context"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | SURROGATES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(SURROGATES, inner, max_size=4),
    max_leaves=8,
)


@given(JSON)
def test_R58_json_that_is_kept_is_small_and_the_same_after_a_round_trip(value):
    try:
        kept = clean_json("context", value, 100)
    except Refused as refused:
        assert refused.status == 422
        return
    written = json.dumps(kept, ensure_ascii=False, allow_nan=False)
    assert kept is None or len(written.encode()) <= 100
    assert json.loads(written) == value
    assert "\0" not in written


# Work: a body has at most 16 KB


@pytest.mark.parametrize("around", ["{}", "a{}", "{}a", "a{}b", "a\n{}b", "a\n{}\nb"])
@pytest.mark.parametrize("blank", ["\n", " ", "\r", "\r\n", " \n", "\n   ", "\n \n  \n", "\t\u3000\u2028"], ids=ascii)
def test_blank_text_without_end_is_read_in_one_go(around, blank):
    """Work that grew with the square of the length would not come back from this: it is 12 times a whole body."""
    sent = around.format(blank * (200_000 // len(blank)))
    try:
        kept = clean_text(sent)
    except Refused as refused:
        assert refused.code in ("text_required", "text_too_long")
    else:
        assert seen(kept) == seen(sent)


@pytest.mark.parametrize("marks", ["\u0301", "\u0301\u0323", "\u0344"], ids=ascii)
def test_marks_are_not_stacked_without_end(marks, monkeypatch):
    """Unicode's normalisation takes the square of the number of marks in a row: it never sees many."""
    normalized = []
    monkeypatch.setattr(cleaning, "normalize", lambda form, text: normalized.append(text) or normalize(form, text))
    for clean_it, code in ((clean_text, "invalid_text"), (clean_username, "invalid_username")):
        assert refusal_of(clean_it, "a" + marks * 31) == code
        assert refusal_of(clean_it, "a" + marks * 5000) == code
    assert normalized == []


@pytest.mark.parametrize("written", ["a" + "\u0301" * 30, "เก่ี้", "קָּֿ̣", "ཧཱུྃ", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A"])
def test_marks_of_real_writing_are_kept(written):
    assert clean_text(written) == normalize("NFC", written)
