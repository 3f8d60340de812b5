"""What a teacher decides about an activity that has its Byte."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from itpm_byte.authoring.forms import SettingsForm, language_name
from itpm_byte.content.models import Byte
from itpm_byte.learning.models import Placement
from itpm_byte.learning.picks import SETTINGS


class DecisionForm(SettingsForm):
    """The settings, and which language and version of the Byte: "en" is always the newest one, "en:2" stays."""

    edition = forms.ChoiceField(label=_("Version"))

    def __init__(self, placement: Placement, editions: Sequence[Byte], data: Mapping[str, Any] | None = None) -> None:
        """`editions`: the published versions of the Byte in all languages, newest first."""
        byte, follows = placement.byte, placement.follows_current
        self._byte = byte
        self._editions = {_stays(one): one for one in [byte, *editions]}
        self._newest = {byte.language: byte, **{one.language: one for one in editions if one.is_current}}
        initial = {name: getattr(placement, name) for name in SETTINGS}
        super().__init__(data, initial={**initial, "edition": byte.language if follows else _stays(byte)})
        self.fields["edition"].choices = self._choices(editions)  # type: ignore[attr-defined]  # of a ChoiceField
        self.fields["edition"].help_text = _("Attempts that were begun keep their version and language.")

    @property
    def decided(self) -> dict[str, Any]:
        """What is to be, by the names of a placement's fields."""
        told = {name: self.cleaned_data[name] for name in SETTINGS if name in self.changed_data}
        if "edition" in self.changed_data:
            told["follows_current"] = self.cleaned_data["edition"] in self._newest
        return told

    @property
    def byte(self) -> Byte | None:
        """The version to move to; None: as it is."""
        said = self.cleaned_data["edition"]
        if "edition" not in self.changed_data:
            return None
        return self._newest.get(said) or self._editions.get(said)

    def _choices(self, editions: Sequence[Byte]) -> list[tuple[str, str]]:
        by_language: dict[str, list[Byte]] = {self._byte.language: []}
        for one in editions:
            by_language.setdefault(one.language, []).append(one)
        choices = []
        for language, versions in by_language.items():
            name, newest = language_name(language), self._newest.get(language)
            if newest is not None:
                told = {"language": name, "version": newest.version}
                choices.append((language, _("%(language)s: always the newest (now version %(version)s)") % told))
            for one in versions or [self._byte]:
                told = {"language": name, "version": one.version, "day": date_format(one.published_at, "j F Y")}
                choices.append((_stays(one), _("%(language)s: stay with version %(version)s of %(day)s") % told))
        return choices


def _stays(byte: Byte) -> str:
    return f"{byte.language}:{byte.version}"
