from django.contrib import admin
from django.urls import path

from comments import views
from comments.api import api

urlpatterns = [
    path("", views.stream, name="stream"),
    path("api/", api.urls),
    path("admin/", admin.site.urls),
]
