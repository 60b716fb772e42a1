from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cancellations.models import Notice, NoticeSettings
from cancellations.workflow import telling

OF_A_CHAT = RegexValidator(r"\A[0-9A-Za-z._+-]{1,64}\Z", _("Letters, digits and . _ + - only."))
BY_MAIL = [(kind.value, kind.label) for kind in Notice.Kind if not telling.rule_of(kind).is_urgent]


def _time(label: Any, help_text: Any = "") -> forms.TimeField:
    return forms.TimeField(
        label=label, required=False, help_text=help_text, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, help_text=help_text, widget=widget)


def _id(label: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=64, validators=[OF_A_CHAT])


class WishesForm(forms.Form):
    """What a person wants to be told. What concerns access and safety always comes."""

    by_mail = forms.MultipleChoiceField(
        label=_("By mail"),
        required=False,
        choices=BY_MAIL,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What concerns access, paused accounts and the audit trail always comes."),
    )
    language = forms.ChoiceField(label=_("Language of mails"), choices=settings.LANGUAGES)
    summary_at = _time(_("Daily summary at"), _("On working days, if requests wait for you; 09:30 if left empty."))
    quiet_from = _time(_("Quiet from"))
    quiet_until = _time(_("Quiet until"), _("Beijing time; days off are quiet all day. What is not urgent waits."))
    away_from = _day(_("Away from"))
    away_until = _day(_("Away until"), _("Both days included. Others are asked to decide meanwhile."))
    wecom_id = _id(_("User ID in WeCom"))
    dingtalk_id = _id(_("User ID or mobile number in DingTalk"))
    feishu_id = _id(_("Open ID in Feishu"))
    unmarked = (
        "by_mail", "summary_at", "quiet_from", "quiet_until", "away_from", "away_until",
        "wecom_id", "dingtalk_id", "feishu_id",
    )  # fmt: skip

    def __init__(self, data: Any, *, own: NoticeSettings | None) -> None:
        own = own or NoticeSettings(language=get_language() or settings.LANGUAGE_CODE)
        initial = {name: getattr(own, name) for name in self.base_fields if name != "by_mail"}
        initial["by_mail"] = [kind for kind, _label in BY_MAIL if kind not in own.not_by_mail]
        super().__init__(data, initial=initial)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for start, end in (("quiet_from", "quiet_until"), ("away_from", "away_until")):
            if not {start, end} & self.errors.keys() and (cleaned[start] is None) != (cleaned[end] is None):
                self.add_error(end if cleaned[end] is None else start, _("Enter both or neither."))
        if not self.errors and cleaned["away_from"] and cleaned["away_until"] < cleaned["away_from"]:
            self.add_error("away_until", _("The last day is before the first."))
        return cleaned

    def wishes(self) -> dict[str, Any]:
        """The fields of NoticeSettings."""
        wishes = dict(self.cleaned_data)
        wanted = wishes.pop("by_mail")
        return wishes | {"not_by_mail": [kind for kind, _label in BY_MAIL if kind not in wanted]}
