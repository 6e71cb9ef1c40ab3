"""Django's admin with the desk in front. Named in INSTALLED_APPS instead of `django.contrib.admin`."""

from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    default_site = "comments.desk.site.DeskSite"
