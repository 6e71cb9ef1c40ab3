"""Every page and every action of the desk, by everybody."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from comments.models import Ban, Comment, Record, Report, State
from comments.stream.clock import StreamClock
from tests.support.cast import PASSWORD, logged_in

pytestmark = pytest.mark.django_db

ROLES = ("visitor", "nobody", "watcher", "moderator", "operator")
SIGN_IN, NO, OK = 302, 403, 200


@pytest.fixture
def browsers(moderator, operator) -> dict[str, Client]:
    """`nobody` has an account without any permission, `watcher` may only look."""
    nobody = User.objects.create_user("nobody", password=PASSWORD, is_staff=True)
    watcher = User.objects.create_user("watcher", password=PASSWORD, is_staff=True)
    watcher.user_permissions.add(Permission.objects.get(codename="view_comment"))
    users = {"nobody": nobody, "watcher": watcher, "moderator": moderator, "operator": operator}
    return {"visitor": Client()} | {role: logged_in(user) for role, user in users.items()}


#                            visitor  nobody  watcher  moderator  operator
PAGES = {
    "/admin/": (SIGN_IN, OK, OK, OK, OK),  # nobody sees an empty list of Django's there
    "/admin/news/?after=1": (SIGN_IN, NO, OK, OK, OK),
    "/admin/bans/": (SIGN_IN, NO, OK, OK, OK),
    "/admin/record/": (SIGN_IN, NO, NO, OK, OK),
    "/admin/comment/{comment}/": (SIGN_IN, NO, OK, OK, OK),
    "/admin/again/": (SIGN_IN, OK, OK, OK, OK),
    "/admin/all/": (SIGN_IN, OK, OK, OK, OK),
    "/admin/comments/ban/": (SIGN_IN, NO, NO, NO, OK),
    "/admin/comments/ban/add/": (SIGN_IN, NO, NO, NO, OK),
    "/admin/work/": (SIGN_IN, NO, OK, OK, OK),
    "/admin/bots/": (SIGN_IN, NO, NO, NO, OK),
    "/admin/bots/{bot}/": (SIGN_IN, NO, NO, NO, OK),
    "/admin/auth/user/": (SIGN_IN, NO, NO, NO, OK),
    "/admin/auth/group/": (SIGN_IN, NO, NO, NO, OK),
}


@pytest.mark.parametrize("page", PAGES)
def test_who_may_open_what(page, browsers, post, bot):
    address = page.format(comment=post("words of a visitor").pk, bot=bot.pk)
    assert tuple(browsers[role].get(address).status_code for role in ROLES) == PAGES[page]


@pytest.mark.parametrize("state", [State.HIDDEN, State.HELD])
def test_nobody_but_staff_reaches_words_that_are_not_visible(state, browsers, post, api, bot):
    comment = post("the secret", "whisperer", context=["the secret"])
    post("visible")
    Comment.objects.filter(pk=comment.pk).hide() if state == State.HIDDEN else Comment.objects.filter(
        pk=comment.pk
    ).hold()
    addresses = ["/", "/api/comments", "/api/comments?after=0", "/api/comments?search=secret", "/api/changes?after=0"]
    addresses += ["/api/stats", f"/api/comments/{comment.pk}", "/api/comments?uss=whisperer", "/api/openapi.json"]
    for address in addresses + [page.format(comment=comment.pk, bot=bot.pk) for page in PAGES]:
        for role in ("visitor", "nobody"):
            answer = browsers[role].get(address)
            assert "secret" not in answer.text.replace("search=secret", ""), (role, address)
            assert "whisperer" not in answer.text.replace("uss=whisperer", "").replace('"whisperer"', ""), address


ACTS = {
    "hide": {"do": "hide:one:{comment}"},
    "erase": {"do": "erase:one:{comment}", "confirmed": "yes"},
    "keep": {"do": "keep:one:{comment}"},
    "ban": {"do": "ban:one:{comment}", "ban": "30d"},
    "ban for good": {"do": "ban:one:{comment}", "ban": "good"},
    "lift": {"do": "lift:one:{ban}"},
    "undo": {"do": "undo:one:x"},
}
MAY = dict.fromkeys(ACTS, ("moderator", "operator")) | {"ban for good": ("operator",)}


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("role", ROLES)
def test_who_may_do_what(name, role, browsers, post):
    comment = post()
    ban = Ban.objects.create(author_key="0" * 32, comment_id="another")
    before = StreamClock.now().version
    form = {key: value.format(comment=comment.pk, ban=ban.pk) for key, value in ACTS[name].items()}
    answer = browsers[role].post("/admin/act/", form)
    assert answer.status_code == {"visitor": SIGN_IN, "nobody": NO, "watcher": NO}.get(role, 303)
    has_acted = StreamClock.now().version > before
    assert has_acted == (role in MAY[name] and name != "undo")
    assert Record.objects.exists() == has_acted


def test_visitors_report_and_do_nothing_else(api, post):
    comment = post()
    assert api.post({"reason": "spam"}, f"/api/comments/{comment.pk}/report").status_code == 202
    assert (Report.objects.count(), Comment.objects.get().state) == (1, State.VISIBLE)
