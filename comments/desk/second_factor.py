"""A second factor at the sign-in: the codes of an app (TOTP), for whoever wants it, or for all if the settings say so.

Who has given the password and not yet the code is signed in for Django, and for the desk is not: see `site.py`.
"""

import django_otp
import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_otp.plugins.otp_totp.models import TOTPDevice

WRONG = "This is not the code that the app shows now. Each can be used once."
TOO_FAST = "Too many wrong codes: wait a little, and take the next one."
DIGITS = 6


def is_through(request: HttpRequest) -> bool:
    """Whether nothing is missing but the password. 1 query, for who has given no code."""
    return request.user.is_verified() or not (settings.REQUIRE_SECOND_FACTOR or device_of(request.user))


def device_of(user: User) -> TOTPDevice | None:
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def take_away(users) -> int:
    """Whoever has lost the telephone signs in by password again, and sets another one up."""
    return TOTPDevice.objects.filter(user__in=users).delete()[0]


def sign_in(request: HttpRequest) -> HttpResponse:
    """After the password: the code; or who has to have an app and has none yet sets it up."""
    if request.method != "POST" or "code" not in request.POST:
        return page(request, is_signing_in=True)
    return entered(request, is_signing_in=True)


def second_factor(request: HttpRequest) -> HttpResponse:
    """One's own: setting it up, and giving it up."""
    if request.method != "POST":
        return page(request)
    return given_up(request) if "give_up" in request.POST else entered(request)


def entered(request: HttpRequest, is_signing_in: bool = False) -> HttpResponse:
    with transaction.atomic():
        device, problem = checked(request)
        if not problem and not device.confirmed:
            device.confirmed = True
            device.save()
            messages.info(request, "From now on you sign in with your password and a code.")
    if problem:
        return page(request, is_signing_in, problem)
    request.session.cycle_key()
    django_otp.login(request, device)
    return HttpResponseRedirect(way_on(request) if is_signing_in else reverse("admin:second_factor"))


def given_up(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        _, problem = checked(request)
        if not problem:
            take_away([request.user.pk])
            messages.info(request, "From now on you sign in with your password alone.")
    return page(request, problem=problem) if problem else HttpResponseRedirect(reverse("admin:second_factor"))


def checked(request: HttpRequest) -> tuple[TOTPDevice, str]:
    """The app whose code it is, and what is wrong with the code, if anything is. Inside of a transaction."""
    device = TOTPDevice.objects.select_for_update().get(pk=own(request.user).pk)
    may_try, _ = device.verify_is_allowed()
    code = "".join(request.POST.get("code", "").split())
    if not may_try:
        return device, TOO_FAST
    is_code = code.isascii() and code.isdigit() and len(code) == DIGITS
    return device, "" if is_code and device.verify_token(code) else WRONG


def own(user: User) -> TOTPDevice:
    """The app that a user has, or is about to set up."""
    return device_of(user) or TOTPDevice.objects.get_or_create(user_id=user.pk, confirmed=False)[0]


def page(request: HttpRequest, is_signing_in: bool = False, problem: str = "") -> HttpResponse:
    device = own(request.user)
    context = {"title": "Second factor", "is_signing_in": is_signing_in, "problem": problem, "is_on": device.confirmed}
    context |= {"next": way_on(request), "is_required": settings.REQUIRE_SECOND_FACTOR}
    return render(
        request, "admin/desk/second_factor.html", context | setting_up(device), status=422 if problem else 200
    )


def setting_up(device: TOTPDevice) -> dict:
    """What the app has to be told, as a picture and in letters; nothing once it has been."""
    if device.confirmed:
        return {}
    key = device.config_url.partition("secret=")[2].partition("&")[0]
    picture = segno.make(device.config_url).svg_data_uri(scale=4, border=3, light="#fff")
    return {"picture": picture, "key": " ".join(key[at : at + 4] for at in range(0, len(key), 4))}


def way_on(request: HttpRequest) -> str:
    way = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(way, allowed_hosts=None) and way.startswith(reverse("admin:index"))
    return way if is_ours else reverse("admin:index")
