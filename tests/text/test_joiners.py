"""Names that need what is not seen, and names that only use it."""

import pytest

from comments.errors import Refused
from comments.text import cleaning
from comments.text.cleaning import clean_text, clean_username, username_key

WRITTEN = {
    "Persian": "می\u200cخواهم",
    "Persian, marks between": "مِی\u200cها",
    "Urdu": "خوش\u200cآمدید",
    "Hindi": "क्\u200dष",
    "Hindi without a ligature": "क्\u200cष",
    "Sinhala": "ශ්\u200dරී",
    "Malayalam": "ന്\u200d",
    "Kannada": "ರ\u200d್ಯ",
    "Bengali": "র\u200d্যাম",
    "Nepali": "गर्\u200dयो",
    "a family": "👨\u200d👩\u200d👧\u200d👦",
    "a profession": "👩🏽\u200d🚒",
    "a couple": "👩🏽\u200d❤\ufe0f\u200d💋\u200d👨🏾",
    "a keycap": "1\ufe0f\u20e3",
    "a keycap of a star": "*\ufe0f\u20e3",
    "Scotland": "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "a rainbow flag": "🏳\ufe0f\u200d🌈",
    "an information desk": "ℹ\ufe0f",
    "a trade mark": "™\ufe0f",
    "a polar bear": "🐻\u200d❄\ufe0f",
    "a flag": "🇩🇪",
    "a heart": "Ada ❤\ufe0f",
    "an exclamation": "‼\ufe0f",
    "a secret": "㊙\ufe0f",
    "an M": "Ⓜ\ufe0f",
}


@pytest.mark.parametrize("name", WRITTEN.values(), ids=WRITTEN.keys())
def test_names_that_need_a_joiner_or_a_selector_are_names(name):
    assert clean_username(name) == name
    assert username_key(name) == username_key(name.replace("\u200c", "").replace("\u200d", ""))


PRETENDED = {
    "between Latin letters": "ad\u200dmin",
    "between Cyrillic letters": "ад\u200cмин",
    "after a mark of a Latin letter": "a\u0301\u200db",
    "after a virama on a Latin letter": "a\u094d\u200db",
    "at the end": "admin\u200d",
    "at the beginning": "\u200dadmin",
    "after an emoji": "👩\u200d",
    "before a letter, after an emoji": "👩\u200dadmin",
    "between Chinese letters": "日\u200d本",
    "after an Arabic letter that joins nothing": "د\u200cم",
    "between Arabic and Latin": "ی\u200ca",
    "two in a row": "می\u200c\u200cخ",
    "a keycap without a key": "a\ufe0f\u20e3",
    "a selector on a digit": "1\ufe0f",
    "a flag of nowhere": "🏴\U000e0061\U000e0062\U000e007f",
    "letters hidden in a heart": "❤\U000e0061\U000e007f",
    "a shade and a joiner": "🏽\u200d",
    "an information desk without its letter": "i\ufe0f",
}


@pytest.mark.parametrize("name", PRETENDED.values(), ids=PRETENDED.keys())
def test_R60_elsewhere_what_is_not_seen_is_refused(name):
    with pytest.raises(Refused) as refused:
        clean_username(name)
    assert refused.value.code == "invalid_username"


@pytest.mark.parametrize("part", ["\u200d", "ک\u200c", "क्\u200d", "👩\u200d"], ids=ascii)
def test_what_is_longer_than_a_name_is_not_looked_at_for_long(part, monkeypatch):
    monkeypatch.setattr(cleaning, "without_joiners", lambda text: pytest.fail("it was looked at"))
    with pytest.raises(Refused, match="longer than 16"):
        clean_username(part * 2000)


@pytest.mark.parametrize(
    "mark", ["\u0e47", "\u0301", "\u093f", "\u20dd", "\u0654", "\u1ab0", "\u0e47\u200b"], ids=ascii
)
def test_marks_of_every_script_have_one_limit(mark):
    assert clean_text("a" + mark * 30)
    for clean_it in (clean_text, clean_username):
        with pytest.raises(Refused, match="more than 30 marks"):
            clean_it("a" + mark * 31)
