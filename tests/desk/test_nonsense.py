"""Whatever a form or an address of the desk says, it is answered: with what was done, or why not, and never by an
error of the server. Moderators keep old pages open, and follow links that others have sent them."""

import pytest

from comments.hooks.hook import Hook
from comments.stream.clock import StreamClock
from comments.writing.rules import RULES
from tests.support.cast import logged_in

pytestmark = pytest.mark.django_db

NONSENSE = ["", "a\0b", "-1", "9" * 18, "9" * 40, "٣", "x" * 5000, "' <b> ../ %00"]
SCOPES = ("one", "chosen", "author", "alike", "all")
ACTIONS = [f"{verb}:{scope}" for verb in ("hide", "erase", "keep", "ban") for scope in SCOPES]
OTHERS = ["undo:one", "lift:one", "speak", "announce", "unpin", "rules"]
ABOUT = ["chosen", "seen", "since", "since_ms", "stated", "q", "state", "author", "alike"]
SAID = ["ban", "reason", "note", "text", "username", "reply_to", "id", "announcement", "lasts", "back"]
OF_BOTS = ["name", "color", "operator", "purpose", "scopes", "label", "days", "revoke", "url", "feed", "retry", "code"]
OF_ADDRESSES = ["q", "state", "author", "alike", "after", "before", "page", "reply", "act", "next"]
SENSE = {"confirmed": "yes", "reason": "spam", "ban": "10m", "q": "Hello", "text": "Hi", "username": "Moderator"}
SENSE |= {"announcement": "Hi", "lasts": "1h"}


@pytest.fixture
def owner(operator):
    return logged_in(operator)


@pytest.fixture
def act(owner, post):
    """Sends an action with these fields, which without them would make sense."""
    comment = post()
    shown = {"chosen": comment.pk, "seen": StreamClock.now().version}

    def act(do: str, target: str = comment.pk, **fields: str) -> None:
        answer = owner.post("/admin/act/", SENSE | shown | {"do": f"{do}:{target}"} | fields, headers={"X-Desk": "1"})
        assert answer.status_code < 500, (do, target, fields)

    return act


@pytest.mark.parametrize("do", ACTIONS + OTHERS)
def test_no_action_breaks_the_desk(do, act):
    for nonsense in NONSENSE:
        act(do, nonsense)
        act(do, **dict.fromkeys([*ABOUT, *SAID, *RULES], nonsense))
    act(do)


@pytest.mark.parametrize("do", ["hide:author", "erase:all"])
def test_no_field_of_an_action_breaks_the_desk(do, act):
    for field in (*ABOUT, *SAID, *RULES):
        for nonsense in NONSENSE:
            act(do, **{field: nonsense})


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_no_other_form_and_no_address_breaks_it(nonsense, owner, make_bot):
    bot, _ = make_bot("echo")
    hook = Hook.objects.create(bot=bot, url="https://bot.example/")
    one, in_a_path = f"bots/{bot.pk}/", nonsense.replace("%", "%25")
    for path in ("bots/", one, f"{one}token/", f"{one}hooks/", "work/", "rules/", "second-factor/"):
        assert owner.post(f"/admin/{path}", dict.fromkeys(OF_BOTS, nonsense)).status_code < 500, path
    for do in (f"off:{nonsense}", f"{nonsense}:{hook.pk}"):
        assert owner.post(f"/admin/{one}hooks/", {"do": do}).status_code < 500, do
    for path in ("", "news/", "record/", "bans/", "speak/", "again/", "work/"):
        assert owner.get(f"/admin/{path}", dict.fromkeys(OF_ADDRESSES, nonsense)).status_code < 500, path
    for path in ("comment", "bots", "comments/comment", "comments/ban", "comments/bot"):
        assert owner.get(f"/admin/{path}/{in_a_path}/").status_code < 500, path
