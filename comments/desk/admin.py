"""The lists that are Django's own: bans by key, and bots."""

from django.contrib import admin

from comments.callers.bots import Bot
from comments.writing.bans import Ban


@admin.register(Ban)
class BanAdmin(admin.ModelAdmin):
    list_display = ("comment_id", "reason", "until", "who", "is_running")
    fields = ("author_key", "reason", "until")

    @admin.display(boolean=True)
    def is_running(self, ban: Ban) -> bool:
        return ban.is_running


@admin.register(Bot)
class BotAdmin(admin.ModelAdmin):
    """Bots are created by `manage.py create_bot`, which shows the token once; here they are stopped."""

    list_display = ("name", "is_active", "created_at")
    readonly_fields = ("created_at",)

    def has_add_permission(self, request) -> bool:
        return False
