"""The moderators' desk. What it changes goes through the QuerySet's verbs, so that every open page learns of it."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.template.defaultfilters import truncatechars
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.timesince import timesince

from comments.callers.bots import Bot
from comments.stream.clock import one_moment
from comments.stream.comment import Comment
from comments.stream.record import Act, Record
from comments.templatetags.stream import full_time, hue_class, moment
from comments.writing.bans import Ban

from .filters import AgeFilter, DomainFilter

MAX_COUNTED = 10_000
SHORT_TEXT = 200

admin.site.site_header = "Say What Want"
admin.site.site_title = "Say What Want"
admin.site.index_title = "Moderation"


class BoundedPaginator(Paginator):
    """Counts no further than a moderator pages: counting a large table takes seconds, each time the list is opened."""

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[:MAX_COUNTED].count()


@admin.register(Comment)
class CommentAdmin(admin.ModelAdmin):
    list_display = ("short_text", "name", "age", "domain", "state_badge")
    list_display_links = ("short_text",)
    list_filter = ("state", "message_type", AgeFilter, DomainFilter)
    search_fields = ("text", "username")
    search_help_text = "Words of a text or a name"
    ordering = ("-timestamp",)
    list_per_page = 50
    list_max_show_all = 0
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = ("hide", "restore", "release", "erase")

    class Media:
        css = {"all": ("css/colors.css", "css/admin.css")}

    # Who may do what: see, and moderate. Nobody adds, edits or deletes a comment here.

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def has_moderate_permission(self, request) -> bool:
        return request.user.has_perm("comments.moderate_comment")

    def changelist_view(self, request, extra_context=None):
        """The list, what is counted and what is shown of one moment."""
        if request.method != "GET":
            return super().changelist_view(request, extra_context)
        with one_moment():
            response = super().changelist_view(request, extra_context)
            return response.render() if isinstance(response, TemplateResponse) else response

    # Columns

    @admin.display(description="comment")
    def short_text(self, comment: Comment) -> str:
        return truncatechars(comment.text, SHORT_TEXT) or "(erased)"

    @admin.display(description="name", ordering="username_key")
    def name(self, comment: Comment) -> str:
        return format_html('<bdi class="name {}">{}</bdi>', hue_class(comment.color), comment.username)

    @admin.display(description="age", ordering="timestamp")
    def age(self, comment: Comment) -> str:
        if comment.timestamp is None:
            return "not shown yet"
        return f"{timesince(moment(comment.timestamp), depth=1)} ago"

    @admin.display(description="state", ordering="state")
    def state_badge(self, comment: Comment) -> str:
        return format_html('<span class="state state-{}">{}</span>', comment.state, comment.get_state_display())

    # Actions

    @admin.action(description="Hide from everybody", permissions=["moderate"])
    def hide(self, request, comments: QuerySet) -> None:
        self._moderate(request, comments.hide, "Hidden")

    @admin.action(description="Restore what was hidden", permissions=["moderate"])
    def restore(self, request, comments: QuerySet) -> None:
        self._moderate(request, comments.restore, "Restored")

    @admin.action(description="Release what was held", permissions=["moderate"])
    def release(self, request, comments: QuerySet) -> None:
        self._moderate(request, comments.release, "Released")

    @admin.action(description="Erase the words for good", permissions=["moderate"])
    def erase(self, request, comments: QuerySet) -> TemplateResponse | None:
        if "confirmed" not in request.POST:
            return self._confirm_erasing(request, comments)
        self._moderate(request, comments.erase, "Erased")

    def _moderate(self, request, verb: Callable[[Act], list[str]], done: str) -> None:
        ids = verb(Act(request.user.get_username()))
        self.message_user(request, f"{done}: {len(ids)}", messages.SUCCESS if ids else messages.WARNING)

    def _confirm_erasing(self, request, comments: QuerySet) -> TemplateResponse:
        with one_moment():
            count, examples = BoundedPaginator(comments, 1).count, list(comments[:10])
        context = self.admin_site.each_context(request) | {
            "title": "Erase for good?",
            "opts": self.opts,
            "count": count,
            "examples": examples,
            "posted": [(key, value) for key, values in request.POST.lists() for value in values],
        }
        return TemplateResponse(request, "admin/comments/confirm_erasing.html", context)


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
    list_display = ("author_key", "reason", "until", "is_running")
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
