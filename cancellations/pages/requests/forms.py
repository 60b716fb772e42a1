"""A list of orders with an operation and a reason, checked as far as a form can; the verbs have the last word."""

import uuid
from functools import cached_property
from itertools import chain
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cancellations import words
from cancellations.intake import Choice, Doubt, FileRefused, Intake, TooMuch, read_file, read_paste
from cancellations.models import Operation, Person, Shop, Upload
from cancellations.models.events import MAX_NOTE
from cancellations.workflow import clerk, limits
from cancellations.workflow.errors import ReasonMissing, TooOften, WorkflowError
from cancellations.workflow.shapes import known_shapes

EVERY_COLUMN = -1


TOO_OFTEN = "too_often"


def use_share(work: str, *, by: Person) -> None:
    """Counts a piece of heavy work of the person. Raises ValidationError if the hour's share is used up."""
    try:
        limits.consume(work, by=by)
    except TooOften as error:
        raise ValidationError(str(error), code=TOO_OFTEN) from error


class NewRequestForm(forms.Form):
    """Brings a pasted list or a file. `reading` is what it was read into, if it could be; `intake` is its list.

    The file is `brought`, (name, content), if it came with this form, and `kept_file` if it came with an earlier one.
    """

    unmarked = ("orders", "file")  # one of the two is needed
    shop = forms.ModelChoiceField(
        Shop.objects.none(),
        label=_("Seller account"),
        empty_label=None,
        error_messages={"invalid_choice": _("This seller account does not exist, or you have no access to it.")},
    )
    operation = forms.TypedChoiceField(
        label=pgettext_lazy("label", "Operation"),
        coerce=int,
        choices=Operation.choices,
        initial=Operation.CANCEL.value,
        widget=forms.RadioSelect,
    )
    allow_checked = forms.BooleanField(
        label=_("Also cancel orders awaiting check or already checked"),
        help_text=_("The ERP un-checks them before cancelling. Without this option it refuses them."),
        required=False,
    )
    orders = forms.CharField(
        label=_("Purchase order numbers"),
        strip=False,
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "autocapitalize": "off"}),
    )
    file = forms.FileField(
        label=_("Or choose a file"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.xls,.ods,.csv,.txt"}),
    )
    upload = forms.UUIDField(required=False, widget=forms.HiddenInput)
    sheet = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    column = forms.IntegerField(required=False, min_value=EVERY_COLUMN, widget=forms.HiddenInput)
    first_row = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    hidden = forms.BooleanField(required=False, widget=forms.HiddenInput)
    together = forms.BooleanField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=pgettext_lazy("label", "Reason"),
        max_length=MAX_NOTE,
        help_text=_("The approver decides on the basis of this reason. It is kept in the audit trail."),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": ReasonMissing.sentence},
    )
    without_done = forms.BooleanField(required=False, widget=forms.HiddenInput)
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person
        self.reading, self.brought, self.kept_file = None, None, None
        self.fields["shop"].queryset = Shop.objects.for_user(person)
        orders = self.fields["orders"]
        orders.help_text = _(
            "One per line, or separated by commas, semicolons or spaces. You can also paste columns "
            "from a spreadsheet. At most %(limit)s per request."
        ) % {"limit": f"{settings.ORDERS_PER_REQUEST:,}"}
        orders.validators = []  # a NUL refuses its piece, named with its line, and not the whole list
        orders.widget.attrs["data-count"] = _("about {count} numbers")
        self.fields["file"].help_text = _(
            "Excel, ODS, CSV or text file, up to %(limit)d MB. Choose a file or drop it here."
        ) % {"limit": settings.UPLOAD_MAX_MB}
        self.fields["file"].widget.attrs["data-limit"] = settings.UPLOAD_MAX_MB * 1024 * 1024
        self.fields["file"].widget.attrs["data-too-large"] = words.lists.too_large()

    @cached_property
    def intake(self) -> Intake | None:
        """The list with those doubtful numbers that were chosen; asked for once it has been read."""
        return self.reading.intake.with_taken(self.chosen) if self.reading else None

    @cached_property
    def chosen(self) -> set[str]:
        """The numbers that were chosen from doubtful pieces: one by one, or all of a kind of doubt."""
        every = set(self.data.getlist("take_all")) if self.is_bound else set()
        offers = (piece.offers[: 2 if piece.doubt is Doubt.RANGE else 1] for piece in self._in_doubt(every))
        return {*(self.data.getlist("take") if self.is_bound else ()), *chain.from_iterable(offers)}

    def _in_doubt(self, kinds):
        return [piece for piece in self.reading.intake.to_check if piece.doubt in kinds] if self.reading else []

    @property
    def file_name(self) -> str:
        """The name of the file that the list comes from; '' if it was pasted."""
        return self.brought[0] if self.brought else self.kept_file.name if self.kept_file else ""

    def clean_shop(self) -> Shop:
        shop = self.cleaned_data["shop"]
        self._check("shop", clerk.check_shop_usable, shop)
        return shop

    def clean_file(self) -> UploadedFile | None:
        file = self.cleaned_data["file"]
        if file:
            use_share(limits.UPLOAD, by=self.person)
        if file and file.size > settings.UPLOAD_MAX_MB * 1024 * 1024:
            raise forms.ValidationError(words.lists.too_large())
        return file

    def clean_upload(self) -> Upload | None:
        token = self.cleaned_data["upload"]
        self.kept_file = Upload.objects.for_user(self.person).filter(pk=token).first() if token else None
        if token and not self.kept_file:
            # At the field that people see: the token itself is hidden.
            self.add_error("file", _("The file is no longer stored. Choose it again."))
        return token

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._check("allow_checked", clerk.check_option, cleaned.get("operation"), cleaned.get("allow_checked"))
        if not {"file", "orders"} & self.errors.keys():
            self._read(cleaned)
        return cleaned

    def _read(self, cleaned):
        file, text = cleaned.get("file"), cleaned.get("orders") or ""
        shapes = known_shapes(cleaned["shop"]) if cleaned.get("shop") else []
        if text.strip() and (file or self.kept_file):
            self.add_error("file", _("You pasted numbers and chose a file. Keep only one of them."))
        elif file:
            content = file.read()
            self._read_file(file.name, content, None, shapes)
            self.brought = (file.name, content) if self.reading else None
        elif self.kept_file:
            self._read_file(self.kept_file.name, bytes(self.kept_file.content), _choice(cleaned), shapes)
        elif text.strip():
            self._read_paste(text, _choice(cleaned), shapes)
        else:
            self.add_error("orders", _("Paste at least one purchase order number, or choose a file."))
        if self.reading:
            self._check_count()

    def _read_file(self, name, content, choice, shapes):
        try:
            self.reading = read_file(name, content, choice, shapes)
        except FileRefused as error:
            self.add_error("file", words.lists.why_file_refused(error))

    def _read_paste(self, text, choice, shapes):
        try:
            self.reading = read_paste(text, choice, shapes)
        except TooMuch:
            self.add_error("orders", _("The pasted text is far longer than one request allows. Paste part of it."))

    def _check_count(self):
        """A list in which nothing is sure is shown all the same: a person may know better."""
        if self.intake.orders or not (self.reading.choice or self.intake.to_check):
            self._check("file" if self.file_name else "orders", clerk.check_count, len(self.intake.orders))

    def _check(self, field, rule, *about):
        """Has the verb's own rule looked at; what it says stands at the field."""
        try:
            rule(*about)
        except WorkflowError as error:
            self.add_error(field, str(error))


def _choice(cleaned):
    """The Choice that was posted with the list; None if it is to be guessed."""
    sheet, column, first_row = (cleaned.get(name) for name in ("sheet", "column", "first_row"))
    if sheet is None or column is None or first_row is None:
        return None
    column = None if column == EVERY_COLUMN else column
    return Choice(sheet, column, first_row, bool(cleaned.get("hidden")), bool(cleaned.get("together")))


class DecisionForm(forms.Form):
    note = forms.CharField(
        label=_("Decision note"),
        max_length=MAX_NOTE,
        required=False,
        help_text=_("Visible to the requester. Required for a rejection."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
