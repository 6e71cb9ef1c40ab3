"""The lists that are Django's own: the record, for whoever looks something up in it; bans by key, and bots."""

from django.contrib import admin
from django.core.paginator import Paginator
from django.utils.functional import cached_property

from comments.callers.bots import Bot
from comments.stream.record import Record
from comments.templatetags.stream import full_time
from comments.writing.bans import Ban

MAX_COUNTED = 10_000


class BoundedPaginator(Paginator):
    """Counts no further than a moderator pages: counting a large table takes seconds, each time the list is opened."""

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[:MAX_COUNTED].count()


@admin.register(Record)
class RecordAdmin(admin.ModelAdmin):
    """To look at and to search. It only grows, and only by what is done."""

    list_display = ("when", "who", "verb", "comment_id", "reason", "note")
    list_filter = ("verb",)
    search_fields = ("comment_id", "who", "reason", "note")
    search_help_text = "An id, a name, a reason or a note"
    ordering = ("-at",)
    list_display_links = None
    actions = None
    paginator = BoundedPaginator
    show_full_result_count = False

    @admin.display(ordering="at")
    def when(self, record: Record) -> str:
        return full_time(record.at // 1000)

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


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
