"""An action that came without a valid sign-in is not lost: it is shown, and sent again by whoever has signed in.

It travels in the address of the page after the sign-in, signed, so that nobody else can put one there.
"""

from urllib.parse import urlencode, urlsplit

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse

from .choice import parts

SALT = "desk.again"
KEPT_SECONDS = 3600
SAID = {
    "speak": "say “{text}”",
    "announce": "announce “{text}”",
    "unpin": "end the announcement",
    "rules": "change the rules",
}
NOT_SENT = ("csrfmiddlewaretoken",)


def keep(request: HttpRequest) -> HttpResponse:
    """To the sign-in, and from there to the page that shows what was to be done."""
    kept = signing.dumps(sendable(request.POST), salt=SALT, compress=True)
    after = reverse("admin:again") + "?" + urlencode({"act": kept})
    return HttpResponseRedirect(reverse("admin:login") + "?" + urlencode({"next": after}))


def show(request: HttpRequest) -> HttpResponse:
    """After the sign-in. What is too old or forged is only said not to have been done."""
    try:
        fields = signing.loads(request.GET.get("act", ""), salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        fields = []
    return page(request, fields, "You were signed out.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is of an earlier sign-in, or of another site. Only what came from here may be sent again."""
    own = urlsplit(request.headers.get("Origin", "")).netloc == request.get_host()
    fields = sendable(request.POST) if own and request.path == reverse("admin:act") else []
    return page(request, fields, "You have signed in again since this page was opened.", 403)


def page(request: HttpRequest, fields: list[tuple[str, str]], happened: str, status: int = 200) -> HttpResponse:
    context = {"fields": fields, "happened": happened, "what": in_words(fields), "title": "Nothing has been done yet"}
    return render(request, "admin/desk/again.html", context, status=status)


def sendable(form: QueryDict) -> list[tuple[str, str]]:
    return [(key, value) for key, values in form.lists() for value in values if key not in NOT_SENT]


def in_words(fields: list[tuple[str, str]]) -> str:
    """What was to be done, in a few words."""
    asked = dict(fields)
    if asked.get("do") in SAID:
        return SAID[asked["do"]].format(text=asked.get("text") or asked.get("announcement", ""))
    verb, scope, _ = parts(asked.get("do", ""))
    chosen = sum(name == "chosen" for name, _ in fields)
    about = {
        "one": "one comment" if verb != "undo" else "your last action",
        "chosen": f"{chosen} comment{'s' * (chosen != 1)}",
        "author": "all of one author",
        "alike": "all with alike words",
        "all": "all that match",
    }
    return f"{verb} {about[scope]}" if scope in about else ""
