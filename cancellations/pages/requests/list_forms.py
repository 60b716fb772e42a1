"""A list of orders as it comes in, pasted or as a file: for a new request, or for a draft."""

import uuid
from functools import cached_property
from itertools import chain
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from cancellations import words
from cancellations.deadline import not_counting
from cancellations.intake import LONG, Choice, Doubt, FileRefused, Intake, Refusal, TooMuch, read_file, read_paste
from cancellations.models import Shop, Upload
from cancellations.pages.requests.forms import AskedForm, check, use_share
from cancellations.workflow import drafts, limits
from cancellations.workflow.shapes import known_shapes

EVERY_COLUMN = -1
BUSY = "busy"  # the code of an error


class ListForm(forms.Form):
    """Brings a pasted list or a file. `reading` is what it was read into, if it could be; `intake` is its list.

    The file is `brought`, (name, content), if it came with this form, and `kept_file` if it came with an earlier one.
    """

    unmarked: tuple[str, ...] = ("orders", "file")  # one of the two is needed
    orders = forms.CharField(
        label=_("Purchase order numbers"),
        strip=False,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocapitalize": "off"}),
    )
    file = forms.FileField(
        label=_("Or choose a file"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.xlsb,.xls,.ods,.csv,.txt"}),
    )
    upload = forms.UUIDField(required=False, widget=forms.HiddenInput)
    sheet = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    column = forms.IntegerField(required=False, min_value=EVERY_COLUMN, widget=forms.HiddenInput)
    first_row = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    hidden = forms.BooleanField(required=False, widget=forms.HiddenInput)
    together = forms.BooleanField(required=False, widget=forms.HiddenInput)
    without_done = forms.BooleanField(required=False, widget=forms.HiddenInput)
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person
        self.reading, self.brought, self.kept_file = None, None, None
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

    def of_shop(self) -> Shop | None:
        """Whose order numbers these are; None if that is not known."""
        return self.cleaned_data.get("shop")

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
        if not {"file", "orders"} & self.errors.keys():
            self._read(cleaned)
        return cleaned

    def _read(self, cleaned):
        file, text = cleaned.get("file"), cleaned.get("orders") or ""
        shop = self.of_shop()
        shapes = known_shapes(shop) if shop else []
        if text.strip() and (file or self.kept_file):
            self.add_error("file", _("You pasted numbers and chose a file. Keep only one of them."))
        elif file:
            content = file.read()
            self._read_file(file.name, content, None, shapes)
            self.brought = (file.name, content) if self.reading else None
        elif self.kept_file:
            if not self._may_read():
                return
            self._read_file(self.kept_file.name, bytes(self.kept_file.content), _choice(cleaned), shapes)
        elif text.strip():
            self._read_paste(text, _choice(cleaned), shapes)
        else:
            self.add_error("orders", _("Paste at least one purchase order number, or choose a file."))
        if self.reading:
            self._check_count()

    def _read_file(self, name, content, choice, shapes):
        try:
            with not_counting():
                self.reading = read_file(name, content, choice, shapes)
        except FileRefused as refused:
            self._refuse("file", refused)

    def _read_paste(self, text, choice, shapes):
        if len(text) >= LONG and not self._may_read("orders"):
            return
        try:
            with not_counting():
                self.reading = read_paste(text, choice, shapes)
        except FileRefused as refused:
            self._refuse("orders", refused)
        except TooMuch:
            self.add_error("orders", words.lists.TOO_LONG)

    def _refuse(self, field, refused):
        is_new_file = field == "file" and not self.kept_file
        sentence = words.lists.why_refused(refused, is_new_file=is_new_file, is_paste=field == "orders")
        self.add_error(field, forms.ValidationError(sentence, code=BUSY if refused.reason is Refusal.BUSY else None))

    def _may_read(self, field="file"):
        """Whether the person's share of heavy readings lasts: a file that is kept can be read again and again."""
        try:
            use_share(limits.READ, by=self.person)
        except forms.ValidationError as error:
            self.add_error(field, error)
        return field not in self.errors

    def _check_count(self):
        """A list in which nothing is sure is shown all the same: a person may know better."""
        if self.intake.orders or not (self.reading.choice or self.intake.to_check):
            check(self, "file" if self.file_name else "orders", drafts.check_count, len(self.intake.orders))


class NewRequestForm(AskedForm, ListForm):
    """A list with what is to happen to it."""

    unmarked = (*AskedForm.unmarked, *ListForm.unmarked)
    field_order = ("shop", "operation", "allow_checked", "orders", "file")
    shop = forms.ModelChoiceField(
        Shop.objects.none(),
        label=_("Seller account"),
        empty_label=None,
        error_messages={"invalid_choice": _("This seller account does not exist, or you have no access to it.")},
    )

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, person=person, **kwargs)
        self.fields["shop"].queryset = Shop.objects.for_user(person)

    def clean_shop(self) -> Shop:
        shop = self.cleaned_data["shop"]
        check(self, "shop", drafts.check_shop_usable, shop)
        return shop


class AddOrdersForm(ListForm):
    """A list whose orders are added to a draft."""

    def __init__(self, *args, draft, **kwargs):
        super().__init__(*args, **kwargs)
        self.draft = draft

    def of_shop(self) -> Shop:
        return self.draft.shop


def _choice(cleaned):
    """The Choice that was posted with the list; None if it is to be guessed."""
    sheet, column, first_row = (cleaned.get(name) for name in ("sheet", "column", "first_row"))
    if sheet is None or column is None or first_row is None:
        return None
    column = None if column == EVERY_COLUMN else column
    return Choice(sheet, column, first_row, bool(cleaned.get("hidden")), bool(cleaned.get("together")))
