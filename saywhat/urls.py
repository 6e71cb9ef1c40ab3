from django.contrib import admin
from django.templatetags.static import static
from django.urls import path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from comments.api.operations import api
from comments.page import views
from comments.page.bots import bot
from comments.page.feed import feed
from comments.page.manifest import manifest
from comments.page.moderation import moderation
from comments.page.permalinks import permalink
from comments.page.reference import reference
from comments.page.reporting import report

urlpatterns = [
    path("", views.stream, name="stream"),
    path("c/<str:id>", permalink, name="permalink"),
    path("c/<str:comment_id>/report", report, name="report"),
    path("bots/<path:name>", bot, name="bot"),
    path("feed.atom", feed, name="feed"),
    path("moderation", moderation, name="moderation"),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("favicon.ico", RedirectView.as_view(url=lazy(static, str)("favicon.svg"))),
    path("api/docs", reference, name="reference"),
    path("api/", api.urls),
    path("admin/", admin.site.urls),
]
