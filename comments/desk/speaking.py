"""Where moderators speak: as the staff in the stream, and above it in the announcement."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from comments.errors import Refused
from comments.reading import table
from comments.stream.clock import StreamClock
from comments.stream.comment import Comment
from comments.stream.record import Act
from comments.templatetags.stream import moment
from comments.text.cleaning import ID, MAX_TEXT, MAX_USERNAME, Draft
from comments.writing import announcing, posting

from .buttons import SINCE_WORDS, permitted
from .choice import NO_LENGTH, NONSENSE

NAME = "Moderator"  # unless another one is typed
LASTS_WORDS = {key: SINCE_WORDS.get(key, "7 days") for key in announcing.LASTS_MS}
VERBS = ("speak", "announce", "unpin")


@require_GET
def speak(request: HttpRequest) -> HttpResponse:
    permitted(request, "moderate_comment")
    return form(request, answered(request.GET.get("reply", "")), {})


def form(
    request: HttpRequest, answers: Comment | None, fields: dict, problem: str = "", status: int = 200
) -> HttpResponse:
    """`answers` is the comment that is answered; `fields` what had been written, if it was refused."""
    clock = StreamClock.now()
    fields = {"username": NAME, "id": posting.new_id(), **fields}
    now = {"announcement": clock.announcement, "until": moment(clock.announced_until)} if clock.is_announcing else {}
    limits = {"longest": MAX_TEXT, "longest_name": MAX_USERNAME, "longest_announcement": announcing.MAX_TEXT}
    context = {"title": "Speak", "answered": answers, "fields": fields, "problem": problem, **now, **limits}
    context["lasts"] = LASTS_WORDS.items()
    return render(request, "admin/desk/speak.html", context, status=status)


def answered(id: str) -> Comment | None:
    """The visible comment that is to be answered, if there is one."""
    try:
        return table.one(id)
    except Refused:
        return None


def spoken(request: HttpRequest, verb: str) -> str:
    """Do it; what was done. Raises Refused."""
    act = Act(request.user.get_username())
    if verb == "unpin":
        return "The announcement has ended." if announcing.end_announcement(act) else "Nothing is announced any more."
    if verb == "announce":
        if request.POST.get("lasts") not in announcing.LASTS_MS:
            raise NO_LENGTH
        announcing.announce(request.POST.get("announcement", ""), request.POST["lasts"], act)
        return "It stands above the stream now."
    posting.speak(drafted(request), act)
    return "Said."


def drafted(request: HttpRequest) -> Draft:
    id = request.POST.get("id", "")
    if id and not ID.fullmatch(id):
        raise NONSENSE
    fields = {name: request.POST.get(name, "") for name in ("text", "username", "reply_to")}
    return Draft(id=id, **fields)


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The form again, with all that was written."""
    names = ("text", "username", "announcement", "lasts")
    fields = {name: request.POST[name] for name in names if name in request.POST}
    return form(request, answered(request.POST.get("reply_to", "")), fields, refusal.sentence, refusal.status)
