"""The list that is Django's own: accounts."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django_otp.plugins.otp_totp.models import TOTPDevice

from . import roles, second_factor

admin.site.unregister([User, TOTPDevice])


@admin.register(User)
class AccountAdmin(UserAdmin):
    """Who is added becomes a moderator. An administrator finds moderators here and nobody else, and makes nobody more
    than that; a superuser has all that Django offers."""

    list_display = ("username", "is_active", "last_login")
    actions = ("take_second_factor",)
    of_a_moderator = ((None, {"fields": ("username", "password", "is_active")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request) if request.user.is_superuser else roles.mere_moderators()

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None):
        is_limited = obj is not None and not request.user.is_superuser
        return self.of_a_moderator if is_limited else super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """The record knows moderators by their names, so those stay."""
        return () if obj is None else ("username",)

    def get_list_filter(self, request: HttpRequest) -> tuple[str, ...]:
        return super().get_list_filter(request) if request.user.is_superuser else ("is_active",)

    def save_model(self, request: HttpRequest, obj: User, form, change: bool) -> None:
        obj.is_staff |= not change
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form, formsets, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not change:
            roles.appoint(form.instance, roles.MODERATORS)

    @admin.action(description="Take the second factor away, of who has lost it", permissions=["change"])
    def take_second_factor(self, request: HttpRequest, users: QuerySet[User]) -> None:
        count = second_factor.take_away(users)
        self.message_user(request, f"Second factors taken away: {count}.")
