"""Django's admin, with the desk as its first page."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.generic import RedirectView

from comments.api.refusals import unavailable
from comments.outage import AWAY

from . import again, bots, hooks, pages, ruling, second_factor, sending, sign_in, speaking, work


def said_once(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A page that asks every few seconds does not make the log say each time that the database is away."""

    def answer(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except AWAY as error:
            return unavailable(error)

    return answer


class DeskSite(admin.AdminSite):
    site_header = site_title = settings.SITE_NAME
    index_title = "Everything else"
    enable_nav_sidebar = False

    def get_urls(self) -> list:
        to_desk = RedirectView.as_view(url=reverse_lazy("admin:index"), query_string=True)
        return [
            path("act/", self.act, name="act"),
            path("logout/", self.logout, name="logout"),  # also for who has not given the code
            path("second-factor/", self.admin_view(second_factor.second_factor), name="second_factor"),
            path("again/", self.admin_view(again.show), name="again"),
            # The page asks by itself, whether anybody is there or not.
            path("news/", said_once(super().admin_view(pages.news)), name="news"),
            path("bans/", self.admin_view(pages.bans), name="bans"),
            path("speak/", self.admin_view(speaking.speak), name="speak"),
            path("work/", self.admin_view(work.work), name="work"),
            path("bots/", self.admin_view(bots.bots), name="bots"),
            path("bots/<int:bot_id>/", self.admin_view(bots.bot), name="bot"),
            path("bots/<int:bot_id>/token/", self.admin_view(bots.token), name="bot_token"),
            path("bots/<int:bot_id>/hooks/", self.admin_view(hooks.hooks), name="hooks"),
            path("rules/", self.admin_view(ruling.rules), name="rules"),
            path("record/", self.admin_view(pages.record), name="record"),
            path("comment/<str:comment_id>/", self.admin_view(pages.comment), name="comment"),
            path("comments/comment/", self.admin_view(to_desk)),  # where it was before
            path("all/", self.admin_view(super().index), name="all"),
            *super().get_urls(),
        ]

    def admin_view(self, view: Callable, cacheable: bool = False) -> Callable:
        return super().admin_view(sign_in.seen(view), cacheable)

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and second_factor.is_through(request)

    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        if super().has_permission(request) and not second_factor.is_through(request):
            return never_cache(csrf_protect(second_factor.sign_in))(request)
        return super().login(request, extra_context)

    def index(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """The desk for whoever may see comments; for all others what they may see."""
        if request.user.has_perm("comments.view_comment"):  # type: ignore[union-attr]
            return pages.desk(request)
        return super().index(request, extra_context)

    def act(self, request: HttpRequest) -> HttpResponse:
        """Guarded as every page of the admin, but what was to be done is not lost with the sign-in."""
        return never_cache(csrf_protect(self._act))(request)

    def _act(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and not self.has_permission(request):
            return again.keep(request)
        return self.admin_view(sending.act)(request)
