"""The newest comments as an Atom feed, filtered as the page is."""

import re

from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape, linebreaks
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from comments.api.representation import SHARED
from comments.reading import table
from comments.reading.views import chosen
from comments.stream.comment import Comment
from comments.templatetags.stream import moment, neutral, site_name
from comments.wire.views import View, parsed

from .answering import answered
from .views import NEWEST

# What XML cannot carry, even escaped: history may have it.
UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TITLE = 80


@require_safe
@gzip_page
def feed(request: HttpRequest) -> HttpResponse:
    return answered(atom, request)


def atom(request: HttpRequest) -> HttpResponse:
    view = parsed(request.META["QUERY_STRING"])
    view.others = []
    response = HttpResponse(written(request, view), "application/atom+xml; charset=utf-8")
    response["Cache-Control"] = SHARED
    return response


def written(request: HttpRequest, view: View) -> str:
    matching, containing = chosen(view)
    comments = table.newest(NEWEST, None, 0, matching, containing).comments
    query = f"?{view.written()}" if view.written() else ""
    absolute = request.build_absolute_uri
    made = Atom1Feed(site_name(), absolute(f"/{query}"), "", feed_url=absolute(f"/feed.atom{query}"))
    for comment in reversed(comments):
        add(made, comment, absolute(f"/c/{comment.id}"))
    return made.writeString("utf-8")


def add(made: Atom1Feed, comment: Comment, address: str) -> None:
    name, text = fit(neutral(comment.username)), fit(neutral(comment.text))
    at = moment(comment.timestamp)
    made.add_item(
        f"{name}: {text[:TITLE]}{'…' if len(text) > TITLE else ''}",
        address,
        linebreaks(escape(text)),
        author_name=name,
        unique_id=address,
        pubdate=at,
        updateddate=at,
    )


def fit(text: str) -> str:
    return UNFIT.sub("\ufffd", text)
