"""The moderators: a group that may see comments and moderate them, and do nothing else."""

from django.contrib.auth.models import Group, Permission

GROUP = "moderators"
PERMISSIONS = ("view_comment", "moderate_comment", "view_record")


def ensure_group(**kwargs) -> Group:
    """Runs after each migrate, because the permissions it gives are made then."""
    group, _ = Group.objects.get_or_create(name=GROUP)
    group.permissions.set(Permission.objects.filter(content_type__app_label="comments", codename__in=PERMISSIONS))
    return group
