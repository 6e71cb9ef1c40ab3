"""Making a hook and changing it: the same rules for the command and for the page."""

from urllib.parse import urlsplit

from django import forms

from comments.callers.bots import Bot
from comments.stream.clock import StreamClock

from .hook import Feed, Hook
from .target import PORTS


class HookForm(forms.ModelForm):
    """Where the address leads is judged at each call; here only whether it is one."""

    class Meta:
        model = Hook
        fields = ("url", "feed")

    def clean_url(self) -> str:
        url = self.cleaned_data["url"]
        if not is_address(url):
            raise forms.ValidationError("This is no address with https, a host, and neither password nor fragment.")
        return url

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        self.instance.feed = cleaned.get("feed", Feed.CHANGES)
        if not self.instance.may_be_told:
            self.add_error("feed", "The bot lacks the scope for this.")
        return cleaned

    def save(self, commit: bool = True) -> Hook:
        """A new one begins now."""
        if self.instance.pk is None:
            self.instance.renew_secret()
            self.instance.cursor = StreamClock.now().version
        return super().save(commit)


def create(bot: Bot, url: str, feed: str) -> Hook:
    """Raises ValidationError, with a sentence for each field that is wrong."""
    form = HookForm({"url": url, "feed": feed}, instance=Hook(bot=bot))
    if not form.is_valid():
        raise forms.ValidationError([f"{field}: {error}" for field, errors in form.errors.items() for error in errors])
    return form.save()


def switch(hook: Hook, on: bool) -> None:
    """On again it is called at once, and told from where it was."""
    Hook.objects.filter(pk=hook.pk).update(is_active=on, failures=0, retry_at=0)


def is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
        is_named = bool(parts.hostname) and bool((parts.hostname or "").encode("idna"))
    except ValueError:  # UnicodeError is one
        return False
    is_plain = url.isprintable() and url.isascii() and " " not in url
    return parts.scheme in PORTS and has_port and is_named and is_plain and not ("@" in parts.netloc or parts.fragment)
