"""Reporting a comment without a script: a page with the form, and what becomes of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from comments.api.caller import address_of
from comments.api.response import with_retry_after
from comments.errors import Refused
from comments.reading import table
from comments.writing import reports

from .answering import for_visitors
from .language import asked_language, said
from .views import form_of, refuse_foreign


@csrf_exempt  # as the form of the stream: no cookie says who is asking, and other sites' forms are refused
@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
def report(request: HttpRequest, comment_id: str) -> HttpResponse:
    return sent(request, comment_id) if request.method == "POST" else asked(request, comment_id)


def sent(request: HttpRequest, comment_id: str) -> HttpResponse:
    """202 with thanks, which say nothing of whether it was the first report; or the form again, with the reason."""
    note = ""
    try:
        refuse_foreign(request)
        form = form_of(request)
        note = form.get("note", "")
        reports.report(comment_id, form.get("reason", "other"), note, address_of(request))
    except Refused as refused:
        return asked(request, comment_id, refused, note)
    done = {"is_done": True, "kept_language": kept_language(request)}
    return render(request, "comments/report.html", done, status=202)


def asked(request: HttpRequest, comment_id: str, refused: Refused | None = None, note: str = "") -> HttpResponse:
    """The form; or that there is nothing to report. 1 query."""
    try:
        comment = table.one(comment_id)
    except Refused as missing:
        comment, refused = None, missing
    context = {"comment": comment, "note": note, "problem": said(refused.sentence) if refused else ""}
    context["kept_language"] = kept_language(request)
    response = render(request, "comments/report.html", context, status=refused.status if refused else 200)
    return with_retry_after(response, refused) if refused else response


def kept_language(request: HttpRequest) -> str:
    """Without a cookie the address says which language it is, if it does so now."""
    language = asked_language(request)
    return f"?lang={language}" if language else ""
