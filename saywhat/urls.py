from django.contrib import admin
from django.templatetags.static import static
from django.urls import path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from comments.api.operations import api
from comments.page import views
from comments.page.manifest import manifest
from comments.page.moderation import moderation

urlpatterns = [
    path("", views.stream, name="stream"),
    path("moderation", moderation, name="moderation"),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("favicon.ico", RedirectView.as_view(url=lazy(static, str)("favicon.svg"))),
    path("api/", api.urls),
    path("admin/", admin.site.urls),
]
