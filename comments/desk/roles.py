"""The roles, each a group: a moderator has the desk, an administrator also what is for good, moderators and bots.

A superuser may do all that Django's admin offers; who runs the machine has settings and commands.
"""

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q, QuerySet

MODERATORS = "moderators"
ADMINISTRATORS = "administrators"
DESK = ("comments.view_comment", "comments.moderate_comment", "comments.view_record")
PERMISSIONS = {
    MODERATORS: DESK,
    ADMINISTRATORS: (
        *DESK,
        *("comments.ban_for_good", "comments.set_rules"),
        *("comments.view_bot", "comments.add_bot", "comments.change_bot"),
        *("auth.view_user", "auth.add_user", "auth.change_user"),
    ),
}


def ensure_groups(**kwargs) -> None:
    """Runs after each migrate, because the permissions they give are made then."""
    for name, permissions in PERMISSIONS.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(Permission.objects.filter(_any_of(permissions)))


def appoint(user: User, role: str) -> None:
    user.groups.add(Group.objects.get(name=role))


def mere_moderators() -> QuerySet[User]:
    """The accounts that may do nothing but moderate. Those an administrator has in hand: whoever sets the password of
    an account has all of its rights."""
    more = Group.objects.exclude(name=MODERATORS)
    found = User.objects.filter(groups__name=MODERATORS, is_superuser=False, user_permissions=None)
    return found.exclude(groups__in=more)


def _any_of(permissions: tuple[str, ...]) -> Q:
    wanted = Q()
    for permission in permissions:
        app, _, codename = permission.partition(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    return wanted
