"""Making a bot's account and changing it: the same rules for the command and for the page."""

from django import forms

from comments.callers.bots import ACTS_PER_MINUTE, POSTS_PER_MINUTE, SCOPES, USUAL_SCOPES, Bot
from comments.errors import Refused
from comments.text import cleaning

MOST = 1_000_000
NO_NAMES = (".", "..")  # a bot's page is at /bots/NAME
MEANING = {
    "read:context": "see what posters attach for bots",
    "post": "post comments, as AI",
    "claim": "take work, answer it and mark it",
    "moderate": "hide, hold and restore comments, and ban",
}


class BotForm(forms.ModelForm):
    """A name and a colour are what a comment may have: they stand on what it posts."""

    scopes = forms.MultipleChoiceField(
        choices=[(scope, f"{scope}: {MEANING[scope]}") for scope in SCOPES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    posts_per_minute = forms.IntegerField(
        initial=POSTS_PER_MINUTE, min_value=1, max_value=MOST, help_text="a sixth of them in 5 seconds"
    )
    acts_per_minute = forms.IntegerField(
        initial=ACTS_PER_MINUTE, min_value=1, max_value=MOST, help_text="how many comments it may moderate"
    )

    class Meta:
        model = Bot
        fields = ("name", "color", "operator", "purpose", "scopes", "posts_per_minute", "acts_per_minute", "is_active")

    def clean_name(self) -> str:
        name = _fit(cleaning.clean_username, self.cleaned_data["name"])
        if name in NO_NAMES:
            raise forms.ValidationError("No address can have this name.")
        return name

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        if "name" in cleaned:
            try:
                cleaned["color"] = cleaning.clean_color(cleaned.get("color", ""), cleaned["name"])
            except Refused as refused:
                self.add_error("color", refused.sentence)
        return cleaned


def create(name: str, **fields) -> Bot:
    """Raises ValidationError, with a sentence for each field that is wrong."""
    usual = {
        "scopes": USUAL_SCOPES,
        "posts_per_minute": POSTS_PER_MINUTE,
        "acts_per_minute": ACTS_PER_MINUTE,
        "is_active": True,
    }
    form = BotForm({"name": name, **usual, **fields})
    if not form.is_valid():
        raise forms.ValidationError([f"{field}: {error}" for field, errors in form.errors.items() for error in errors])
    return form.save()


def _fit(clean, value: str) -> str:
    try:
        return clean(value)
    except Refused as refused:
        raise forms.ValidationError(refused.sentence) from refused
