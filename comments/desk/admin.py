"""The list that is Django's own: bans by key."""

from django.contrib import admin

from comments.writing.bans import Ban


@admin.register(Ban)
class BanAdmin(admin.ModelAdmin):
    list_display = ("comment_id", "reason", "until", "who", "is_running")
    fields = ("author_key", "reason", "until")

    @admin.display(boolean=True)
    def is_running(self, ban: Ban) -> bool:
        return ban.is_running
