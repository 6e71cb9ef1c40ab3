"""The API's reference: a page for everybody, made from the description that the API gives of itself."""

from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from comments.api.operations import api

from .described import Described


@require_safe
@gzip_page
def reference(request: HttpRequest) -> HttpResponse:
    context = {"described": described(), "site": request.build_absolute_uri("/").rstrip("/")}
    response = render(request, "comments/reference.html", context)
    response["Cache-Control"] = "no-cache"
    return response


@lru_cache(1)
def described() -> Described:
    return Described(api.get_openapi_schema())
