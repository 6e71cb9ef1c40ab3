"""The page: the newest comments and a form, complete without a script. static/js takes over from there."""

from itertools import pairwise
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from comments.api.body import TOO_LARGE
from comments.api.build import build
from comments.api.caller import address_of
from comments.api.response import with_retry_after
from comments.errors import Refused
from comments.reading import table
from comments.reading.readers import readers
from comments.reading.table import Page
from comments.reading.views import chosen
from comments.stream.comment import Comment
from comments.templatetags.stream import day
from comments.text.cleaning import Draft, clean_username
from comments.wire.params import MAX_INTEGER, whole_number
from comments.wire.views import View, parsed
from comments.writing import posting
from comments.writing.posting import Outcome

from .answering import for_visitors
from .language import asked_language, phrases, said

NEWEST = 50
CONTINUED_WITHIN_MS = 5 * 60_000
FOREIGN = Refused(403, "foreign_form", "This can only be sent from this page itself.")
NOT_A_FORM = Refused(415, "not_a_form", "This is not the form of this page.")
EVERYTHING = View()
REPLY_SIGN = "M8 5 3.500 9.500 8 14M3.500 9.500H11a5.500 5.500 0 0 1 5.500 5.500"
# What can be done with a comment, its name, and its sign.
ACTIONS = [
    ("reply", _("Reply"), REPLY_SIGN),
    ("here", _("Show in context"), "M4 5h12M4 15h12M4 10h3M10 10h6"),
    ("copy", _("Copy the text"), "M7 7V4h9v9h-3M4 7h9v9H4z"),
    ("link", _("Copy the link"), "m8 12 4-4M9 6l1-1a3.500 3.500 0 0 1 5 5l-1 1M11 14l-1 1a3.500 3.500 0 0 1-5-5l1-1"),
    ("only", _("Only this person"), "M10 9.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM4 16.500a6 6 0 0 1 12 0"),
    ("report", _("Report"), "M5 17V3.500M5 4h10.500L13 7.500 15.500 11H5"),
    (
        "hide",
        _("Hide this person for me"),
        "m3 3 14 14M8 5.200A8 8 0 0 1 18 10a9 9 0 0 1-2 2.600M12 14.700A8 8 0 0 1 2 10a9 9 0 0 1 2.700-3.400",
    ),
]
# What the page's <template> is made from, for the script to fill.
BLANK = Comment(id="", text="", username="", color="128128128", timestamp=0)


@csrf_exempt  # no cookie says who is asking; other sites' forms are refused by where they come from
@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
def stream(request: HttpRequest) -> HttpResponse:
    return post(request) if request.method == "POST" else page(request)


def page(request: HttpRequest, answer: str = "", draft: Draft | None = None, status: int = 200) -> HttpResponse:
    """`answer` is what became of a form that was sent, `draft` what stood in it. 2 queries, and those of `shown`."""
    before = timestamp_before(request)
    view = parsed(request.META["QUERY_STRING"])
    view.others = []
    matching, containing = chosen(view)
    comments = table.newest(NEWEST, before, 0, matching, containing)
    return shown(request, comments, before is not None, status=status, view=view, draft=draft, answer=answer)


def shown(
    request: HttpRequest,
    comments: Page,
    is_older: bool,
    status: int = 200,
    view: View = EVERYTHING,
    draft: Draft | None = None,
    **more: Any,
) -> HttpResponse:
    """The page with these comments; `is_older`: newer ones follow. One query, if any of them answers another."""
    mark(comments.comments)
    quote(comments.comments)
    context = {
        "page": comments,
        "is_older_page": is_older,
        "view": view,
        "served": view.written(),
        "actions": ACTIONS,
        "reply_sign": REPLY_SIGN,
        "blank": BLANK,
        "form_id": posting.new_id(),
        "readers": readers.count(),
        "build": build(),
        "phrases": phrases(),
        "asked_language": asked_language(request),
        "draft": draft or Draft(text="", username=name_given(request)),
    }
    return render(request, "comments/stream.html", context | more, status=status)


def post(request: HttpRequest) -> HttpResponse:
    """Without a script: 303 to the page that shows the comment, or the form again with everything that was typed."""
    draft = None
    try:
        refuse_foreign(request)
        draft = drafted(request)
        posted = posted_once(draft, request)
    except Refused as refused:
        return with_retry_after(page(request, said(refused.sentence), draft, refused.status), refused)
    if posted.outcome == Outcome.HELD:
        answer = f"{said('Waiting for a moderator.')} {said(posting.HELD_REASON)}"
        return page(request, answer, Draft(text="", username=draft.username), status=202)
    # Who has no script does not type the name again; there is no cookie to keep it.
    kept = {"username": draft.username, "lang": asked_language(request)}
    return HttpResponseRedirect(f"/?{urlencode({name: value for name, value in kept.items() if value})}", status=303)


def name_given(request: HttpRequest) -> str:
    try:
        return clean_username(request.GET.get("username", ""))
    except Refused:
        return ""


def posted_once(draft: Draft, request: HttpRequest) -> posting.Posted:
    """The form's key makes a second click harmless. After the back button it comes with other words: those are new."""
    address = address_of(request)
    try:
        return posting.post(draft, address)
    except Refused as refused:
        if refused.status != 409:
            raise
        return posting.post(Draft(text=draft.text, username=draft.username, id=posting.new_id()), address)


def drafted(request: HttpRequest) -> Draft:
    form = form_of(request)
    return Draft(text=form.get("text", ""), username=form.get("username", ""), id=form.get("id", ""))


def form_of(request: HttpRequest) -> QueryDict:
    if request.content_type != "application/x-www-form-urlencoded":
        raise NOT_A_FORM
    try:
        return request.POST
    except RequestDataTooBig as error:
        raise TOO_LARGE from error


def refuse_foreign(request: HttpRequest) -> None:
    """Browsers say where a form comes from, and no page can make them lie about it."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site not in ("same-origin", "none"):
        raise FOREIGN
    if site is None and origin is not None and urlsplit(origin).netloc != request.get_host():
        raise FOREIGN


def timestamp_before(request: HttpRequest) -> int | None:
    written = request.GET.get("before")
    try:
        before = None if written is None else whole_number(written)
    except ValueError as error:
        raise BadRequest("before is no timestamp") from error
    if before is not None and before > MAX_INTEGER:
        raise BadRequest("before is no timestamp")
    return before


def mark(comments: list[Comment]) -> None:
    """Mark what depends on the comment above. The twin of `mark` in static/js/view/comment.js."""
    for previous, comment in pairwise([None, *comments]):
        is_new_day = previous is None or day(previous.timestamp) != day(comment.timestamp)
        comment.new_day = day(comment.timestamp) if is_new_day else ""
        comment.is_continued = not is_new_day and continues(comment, previous)


def quote(comments: list[Comment]) -> None:
    """Of each that answers another: which one, or None if that cannot be seen."""
    answers = [comment for comment in comments if comment.reply_to]
    targets = {comment.id: comment for comment in comments}
    if missing := {answer.reply_to for answer in answers} - targets.keys():
        targets |= {target.id: target for target in table.some(missing)}
    for answer in answers:
        answer.quoted = targets.get(answer.reply_to)


def continues(comment: Comment, previous: Comment) -> bool:
    is_same_author = author(comment) == author(previous)
    return not comment.reply_to and is_same_author and comment.timestamp - previous.timestamp < CONTINUED_WITHIN_MS


def author(comment: Comment) -> tuple[str, str, str, bool]:
    return comment.username, comment.color, comment.message_type, comment.staff
