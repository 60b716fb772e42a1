import uuid

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cancellations.intake import read_text
from cancellations.models import Operation, Shop
from cancellations.workflow import clerk
from cancellations.workflow.errors import ShopNotUsable

NOTE_LENGTH = 500


class NewRequestForm(forms.Form):
    """A pasted list with an operation and a reason. When it is valid, `intake` holds what the list was read into."""

    shop = forms.ModelChoiceField(
        Shop.objects.none(),
        label=_("Shop account"),
        empty_label=None,
        error_messages={"invalid_choice": _("There is no such shop account, or you do not work for it.")},
    )
    operation = forms.TypedChoiceField(
        label=_("What is to happen"),
        coerce=int,
        choices=Operation.choices,
        initial=Operation.CANCEL.value,
        widget=forms.RadioSelect,
    )
    allow_checked = forms.BooleanField(
        label=_("Also cancel orders that are awaiting checking or checked"),
        help_text=_("The ERP un-checks them first. Without this it refuses them."),
        required=False,
    )
    orders = forms.CharField(
        label=_("Purchase order numbers"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "autocapitalize": "off"}),
        error_messages={"required": _("Paste at least one purchase order number.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=NOTE_LENGTH,
        help_text=_("The manager decides on it, and it stays in the history."),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why these orders are to be changed: the manager decides on it.")},
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    field_order = ["shop", "operation", "allow_checked", "orders", "reason", "token"]

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.intake = None
        self.fields["shop"].queryset = Shop.objects.for_user(person)
        orders = self.fields["orders"]
        orders.help_text = _(
            "One on each line, or separated by commas, semicolons or spaces. At most %(limit)d in one request."
        ) % {"limit": settings.ORDERS_PER_REQUEST}
        orders.validators = []  # a NUL refuses its piece, named with its line, and not the whole list
        orders.widget.attrs["data-count"] = _("about {count} numbers")

    def clean_shop(self):
        shop = self.cleaned_data["shop"]
        try:
            clerk.check_shop_usable(shop)
        except ShopNotUsable as error:
            raise forms.ValidationError(str(error)) from error
        return shop

    def clean_orders(self):
        text = self.cleaned_data["orders"]
        self.intake = read_text(text)
        count, limit = len(self.intake.orders), settings.ORDERS_PER_REQUEST
        if not count:
            raise forms.ValidationError(_("There is no purchase order number in what you pasted."))
        if count > limit:
            raise forms.ValidationError(
                _("These are %(count)d different orders; a request holds at most %(limit)d. Split the list.")
                % {"count": count, "limit": limit}
            )
        return text

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("allow_checked") and cleaned.get("operation") != Operation.CANCEL:
            self.add_error("allow_checked", _("This is an option of cancelling only. Untick it, or choose “Cancel”."))
        return cleaned


class DecisionForm(forms.Form):
    note = forms.CharField(
        label=_("Note"),
        max_length=NOTE_LENGTH,
        required=False,
        help_text=_("The requester reads it. A rejection needs one."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
