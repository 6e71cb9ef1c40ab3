"""Every page and every action of the desk, by everybody; and who reaches words that are not visible."""

import re
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import URLResolver, get_resolver, resolve

from comments.desk import roles
from comments.history import exporting
from comments.models import Ban, Comment, Record, Report, State
from comments.stream.clock import StreamClock
from tests.support.cast import PASSWORD, logged_in

pytestmark = pytest.mark.django_db

ROLES = ("visitor", "nobody", "watcher", "moderator", "administrator", "superuser")
SIGN_IN, OK, NO, GONE, POST_ONLY = 302, 200, 403, 404, 405


@pytest.fixture
def browsers(moderator, administrator, operator) -> dict[str, Client]:
    """`nobody` has an account without any permission, `watcher` may only look."""
    nobody = User.objects.create_user("nobody", password=PASSWORD, is_staff=True)
    watcher = User.objects.create_user("watcher", password=PASSWORD, is_staff=True)
    watcher.user_permissions.add(Permission.objects.get(codename="view_comment"))
    users = {"nobody": nobody, "watcher": watcher, "moderator": moderator}
    users |= {"administrator": administrator, "superuser": operator}
    return {"visitor": Client()} | {role: logged_in(user) for role, user in users.items()}


# Every page

FOR_STAFF = (SIGN_IN, OK, OK, OK, OK, OK)
FOR_THE_DESK = (SIGN_IN, NO, OK, OK, OK, OK)
FOR_MODERATORS = (SIGN_IN, NO, NO, OK, OK, OK)
FOR_ADMINISTRATORS = (SIGN_IN, NO, NO, NO, OK, OK)
FOR_SUPERUSERS = (SIGN_IN, NO, NO, NO, NO, OK)
FOR_NOBODY = (SIGN_IN, NO, NO, NO, NO, NO)

# By its route: an address of it if the route has a blank, and what it answers to whom.
PAGES = {
    "": ("", FOR_STAFF),  # nobody sees an empty list of Django's there
    "act/": ("", (SIGN_IN, *(POST_ONLY,) * 5)),
    "again/": ("", FOR_STAFF),
    "news/": ("news/?after=1", FOR_THE_DESK),
    "bans/": ("", FOR_THE_DESK),
    "speak/": ("", FOR_MODERATORS),
    "rules/": ("", FOR_ADMINISTRATORS),
    "record/": ("", FOR_MODERATORS),
    "work/": ("", FOR_THE_DESK),
    "bots/": ("", FOR_ADMINISTRATORS),
    "bots/<int:bot_id>/": ("bots/{bot}/", FOR_ADMINISTRATORS),
    "bots/<int:bot_id>/hooks/": ("bots/{bot}/hooks/", FOR_ADMINISTRATORS),
    "bots/<int:bot_id>/token/": ("bots/{bot}/token/", (SIGN_IN, *(POST_ONLY,) * 5)),
    "second-factor/": ("", FOR_STAFF),
    "comment/<str:comment_id>/": ("comment/{comment}/", FOR_THE_DESK),
    "comments/comment/": ("", (SIGN_IN,) * 6),  # on to the desk
    "all/": ("", FOR_STAFF),
    "login/": ("", (OK, *(SIGN_IN,) * 5)),  # on to the desk
    "logout/": ("", (POST_ONLY,) * 6),
    "password_change/": ("", FOR_STAFF),
    "password_change/done/": ("", FOR_STAFF),
    "autocomplete/": ("", FOR_NOBODY),
    "jsi18n/": ("", FOR_STAFF),
    "r/<path:content_type_id>/<path:object_id>/": ("r/1/1/", (SIGN_IN, *(GONE,) * 5)),
    "^(?P<app_label>auth)/$": ("auth/", (SIGN_IN, *(GONE,) * 3, OK, OK)),
    "(?P<url>.*)$": ("nothing", (SIGN_IN, *(GONE,) * 5)),
    "auth/group/": ("", FOR_SUPERUSERS),
    "auth/group/add/": ("", FOR_SUPERUSERS),
    "auth/group/<path:object_id>/change/": ("auth/group/{group}/change/", FOR_SUPERUSERS),
    "auth/group/<path:object_id>/history/": ("auth/group/{group}/history/", FOR_SUPERUSERS),
    "auth/group/<path:object_id>/delete/": ("auth/group/{group}/delete/", FOR_SUPERUSERS),
    "auth/group/<path:object_id>/": ("auth/group/{group}/", (SIGN_IN,) * 6),
    "auth/user/": ("", FOR_ADMINISTRATORS),
    "auth/user/add/": ("", FOR_ADMINISTRATORS),
    "auth/user/<path:object_id>/change/": ("auth/user/{moderator}/change/", FOR_ADMINISTRATORS),
    "auth/user/<path:object_id>/history/": ("auth/user/{moderator}/history/", FOR_ADMINISTRATORS),
    "auth/user/<path:object_id>/delete/": ("auth/user/{moderator}/delete/", FOR_SUPERUSERS),
    "auth/user/<path:object_id>/": ("auth/user/{moderator}/", (SIGN_IN,) * 6),
    "auth/user/<id>/password/": ("auth/user/{moderator}/password/", FOR_ADMINISTRATORS),
}


def routes(patterns, before: str = "") -> list[str]:
    found = []
    for pattern in patterns:
        route = before + str(pattern.pattern)
        found += routes(pattern.url_patterns, route) if isinstance(pattern, URLResolver) else [route]
    return found


def routes_of_the_admin() -> list[str]:
    return [
        route.removeprefix("admin/") for route in routes(get_resolver().url_patterns) if route.startswith("admin/")
    ]


def test_every_page_of_the_admin_stands_in_the_table():
    assert set(routes_of_the_admin()) == set(PAGES)


@pytest.mark.parametrize("route", PAGES)
def test_who_may_open_what(route, browsers, moderator, bot, post):
    ids = {"comment": post("words of a visitor").pk, "moderator": moderator.pk, "bot": bot.pk}
    ids |= {"group": Group.objects.get(name=roles.MODERATORS).pk}
    address, answers = PAGES[route]
    address = f"/admin/{(address or route).format(**ids)}"
    assert resolve(address.partition("?")[0])
    assert tuple(browsers[role].get(address).status_code for role in ROLES) == answers


# Every action

ACTS = {
    "hide": {"do": "hide:one:{comment}"},
    "erase": {"do": "erase:one:{comment}", "confirmed": "yes"},
    "keep": {"do": "keep:one:{comment}"},
    "ban": {"do": "ban:one:{comment}", "ban": "30d"},
    "ban for good": {"do": "ban:one:{comment}", "ban": "good"},
    "lift": {"do": "lift:one:{ban}"},
    "alike": {"do": "hide:alike:{comment}", "seen": "9000000000000000"},
    "undo": {"do": "undo:one:x"},
    "speak": {"do": "speak", "text": "Please be kind.", "username": "Moderator"},
    "announce": {"do": "announce", "announcement": "Back in an hour.", "lasts": "1h"},
    "unpin": {"do": "unpin"},
    "rules": {"do": "rules", "HOLD_COMMENTS": "1"},
}
MODERATING = ("moderator", "administrator", "superuser")
MAY = dict.fromkeys(ACTS, MODERATING) | dict.fromkeys(["ban for good", "rules"], ("administrator", "superuser"))


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("role", ROLES)
def test_who_may_do_what(name, role, browsers, post):
    comment = post()
    ban = Ban.objects.create(author_key="0" * 32, comment_id="another")
    before = StreamClock.now().version
    form = {key: value.format(comment=comment.pk, ban=ban.pk) for key, value in ACTS[name].items()}
    answer = browsers[role].post("/admin/act/", form)
    refused = NO if role not in MAY[name] and name == "rules" else 303
    assert answer.status_code == {"visitor": SIGN_IN, "nobody": NO, "watcher": NO}.get(role, refused)
    has_acted = StreamClock.now().version > before
    assert has_acted == (role in MAY[name] and name not in ("undo", "unpin"))  # there is nothing to undo or to end
    assert Record.objects.exists() == has_acted


def test_visitors_report_and_do_nothing_else(api, post):
    comment = post()
    assert api.post({"reason": "spam"}, f"/api/comments/{comment.pk}/report").status_code == 202
    assert (Report.objects.count(), Comment.objects.get().state) == (1, State.VISIBLE)


# Accounts: nobody becomes more than an administrator makes of them, and that is a moderator.

ACCOUNTS = "/admin/auth/user/"
NEW = {"username": "newcomer", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
EVERYTHING = {"is_superuser": "on", "is_staff": "on", "is_active": "on", "groups": "2", "user_permissions": "1"}


@pytest.mark.parametrize("role", ["administrator", "superuser"])
def test_who_is_added_is_a_moderator(role, browsers):
    assert browsers[role].post(f"{ACCOUNTS}add/", NEW | EVERYTHING).status_code == 302
    newcomer = User.objects.get(username="newcomer")
    assert newcomer.check_password(PASSWORD)
    assert (newcomer.is_staff, newcomer.is_superuser) == (True, False)
    assert newcomer.get_all_permissions() == set(roles.DESK)


def test_an_administrator_stops_a_moderator_and_makes_nobody_more(browsers, moderator):
    fields = {"username": "renamed"} | EVERYTHING
    change = f"{ACCOUNTS}{moderator.pk}/change/"
    assert browsers["administrator"].post(change, fields).status_code == 302
    changed = User.objects.get(pk=moderator.pk)
    assert (changed.username, changed.is_superuser) == ("mo", False)
    assert changed.get_all_permissions() == set(roles.DESK)
    assert browsers["administrator"].post(change, {}).status_code == 302
    assert not User.objects.get(pk=moderator.pk).is_active
    assert browsers["moderator"].get("/admin/").status_code == SIGN_IN


def test_an_administrator_sets_a_moderators_password(browsers, moderator):
    fields = {"password1": "quite another phrase", "password2": "quite another phrase", "usable_password": "true"}
    assert browsers["administrator"].post(f"{ACCOUNTS}{moderator.pk}/password/", fields).status_code == 302
    assert User.objects.get(pk=moderator.pk).check_password("quite another phrase")
    assert browsers["moderator"].get("/admin/").status_code == SIGN_IN


@pytest.fixture(params=["superuser", "another administrator", "itself", "moderator with more", "nobody", "both"])
def out_of_reach(request, operator, administrator, moderator, hire, browsers):
    """Accounts whose rights an administrator would gain by setting their passwords."""
    match request.param:
        case "superuser":
            return operator
        case "another administrator":
            return hire("ada", "--administrator")
        case "itself":
            return administrator
        case "moderator with more":
            moderator.user_permissions.add(Permission.objects.get(codename="delete_user"))
        case "both":
            roles.appoint(moderator, roles.ADMINISTRATORS)
        case "nobody":
            return User.objects.get(username="nobody")
    return moderator


@pytest.mark.parametrize("page", ["change", "password", "history", "delete"])
def test_whoever_is_more_than_a_moderator_is_out_of_an_administrators_reach(page, out_of_reach, browsers):
    password = out_of_reach.password
    desk, address = browsers["administrator"], f"{ACCOUNTS}{out_of_reach.pk}/{page}/"
    fields = {"password1": "quite another phrase", "password2": "quite another phrase", "usable_password": "true"}
    for answer in (desk.get(address), desk.post(address, fields | EVERYTHING)):
        assert answer.status_code in (SIGN_IN, NO, GONE)  # Django's way: to the first page, that it does not exist
        assert "quite another" not in answer.text
    assert User.objects.get(pk=out_of_reach.pk).password == password
    assert out_of_reach.username not in re.findall(r'/change/">(\w+)<', desk.get(ACCOUNTS).text)


# Words that are not visible

SECRET, WHISPERER = "thesecret", "whisperer"
# What else may stand in the blanks of a route.
BLANKS = {
    "bot_id": "1",
    "content_type_id": "1",
    "object_id": "1",
    "app_label": "comments",
    "name": "whisperer",
    "url": "nothing",
    "path": "x",
}
QUESTIONS = [
    "?search=thesecret",
    "?after=0",
    "?uss=whisperer",
    "?before=9000000000000",
    "?q=thesecret",
    "?around={id}",
]
QUESTIONS += ["?after=0&limit=1000&fresh=true", "?state=hidden", "?author={id}", "?alike={id}", "?at=9000000000000"]
ASKED = ("/", "/feed.atom", "/api/comments", "/api/changes", "/admin/", "/admin/news/", "/admin/record/")
BLANK = re.compile(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>")


def addresses(id: str) -> list[str]:
    """Every address that the site has, about a comment with this id where it is about one; and whatever else may be
    asked of those that take questions."""
    known = BLANKS | {"comment_id": id, "id": id}
    paths = [
        BLANK.sub(lambda blank: known[blank[1] or blank[2]], route) for route in routes(get_resolver().url_patterns)
    ]
    asked = [path + question.format(id=quote(id)) for path in ASKED for question in QUESTIONS]
    return ["/" + re.sub(r"[\^$]", "", path) for path in paths] + asked


def hide(comment: Comment, how: State) -> None:
    rows = Comment.objects.filter(pk=comment.pk)
    {State.HIDDEN: rows.hide, State.HELD: rows.hold, State.ERASED: rows.erase}[how]()


@pytest.mark.parametrize("state", [State.HIDDEN, State.HELD, State.ERASED])
def test_nobody_but_staff_reaches_words_that_are_not_visible(state, browsers, post):
    comment = post(SECRET, WHISPERER, context=[SECRET], misc=SECRET)
    post("visible", reply_to=comment.pk)
    hide(comment, state)
    seen_by = dict.fromkeys(("visitor", "nobody", "moderator"), 0)
    for address in addresses(comment.pk):
        for role in seen_by:
            found = browsers[role].get(address)
            text = found.text if not found.streaming else b"".join(found.streaming_content).decode()
            # What was asked for may be repeated, never told.
            told = re.sub(r"(search|q|uss)=\w+|\"query\":\"\w+\"|value=\"thesecret\"", "", text)
            seen_by[role] += SECRET in told or WHISPERER in told
    assert seen_by["visitor"] == seen_by["nobody"] == 0
    assert (seen_by["moderator"] > 0) == (state != State.ERASED)


@pytest.mark.parametrize("state", [State.HIDDEN, State.HELD, State.ERASED])
def test_an_export_for_everybody_has_no_words_that_are_not_visible(state, post):
    hide(post(SECRET, WHISPERER), state)
    post("visible")
    assert [line["text"] for line in exporting.lines(visible_only=True)] == ["visible"]
