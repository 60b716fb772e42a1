"""What an administrator types about a person; the verbs have the last word."""

from typing import Any, Self

from django import forms
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cancellations import words
from cancellations.models import Person, Shop
from cancellations.models.events import MAX_NOTE
from cancellations.pages.fields import TickedField
from cancellations.workflow import drafts, granting, people


class DetailsForm(forms.Form):
    username = UsernameField(
        label=pgettext_lazy("label", "Username"),
        max_length=150,
        help_text=_("Letters (including Chinese characters), digits and @ . + - _"),
        validators=[UnicodeUsernameValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    name = forms.CharField(
        label=pgettext_lazy("person", "Name"),
        max_length=150,
        help_text=_("Full name, as shown in the audit trail."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=pgettext_lazy("label", "Email"), required=False, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )

    @classmethod
    def of(cls, person: Person, *, by: Person, data: QueryDict | None = None) -> Self:
        known = {"username": person.username, "name": person.name, "email": person.email}
        return cls(data, initial=known, auto_id="details_%s")


class RolesField(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options):
        super().__init__(
            label=pgettext_lazy("label", "Roles"),
            required=False,
            choices=words.people.explained_roles,
            help_text=_("A person can have several roles, but never approves their own request."),
            **options,
        )


class ShopsField(TickedField):
    def __init__(self, **options):
        help_text = _("The roles apply to these seller accounts only.")
        super().__init__(
            Shop.objects.none(), label=_("Seller accounts"), required=False, help_text=help_text, **options
        )


class Seen(forms.CharField):
    """What the page showed, so that nobody undoes unseen what somebody else has changed in the meantime."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> list[str]:
        return [part for part in super().to_python(value).split(",") if part]


class RolesForm(forms.Form):
    unmarked = ("roles",)
    roles = RolesField()
    seen = Seen(required=False)

    @classmethod
    def of(cls, person: Person, *, by: Person, data: QueryDict | None = None) -> Self:
        roles = granting.roles_of(person)
        return cls(data, initial={"roles": roles, "seen": ",".join(roles)}, auto_id="roles_%s")


class ShopsForm(forms.Form):
    unmarked = ("shops",)
    shops = ShopsField()
    seen = Seen(required=False)

    @classmethod
    def of(cls, person: Person, *, by: Person, data: QueryDict | None = None) -> Self:
        shops = list(people.shops_of(person, by=by))
        seen = ",".join(str(shop.pk) for shop in shops)
        form = cls(data, initial={"shops": [shop.pk for shop in shops], "seen": seen}, auto_id="shops_%s")
        form.fields["shops"].queryset = Shop.objects.for_user(by)
        return form

    def clean_seen(self) -> list[Shop]:
        """A shop that the page showed and that is not there any more is none that is there now."""
        pks = [int(pk) for pk in self.cleaned_data["seen"] if pk.isascii() and pk.isdigit() and len(pk) <= 18]
        return list(Shop.objects.filter(pk__in=pks))


class NoteForm(forms.Form):
    note = forms.CharField(
        label=pgettext_lazy("label", "Reason"),
        max_length=MAX_NOTE,
        required=False,
        help_text=_("Kept in the audit trail."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    drafts_to = forms.ModelChoiceField(
        Person.objects.none(),
        label=_("Hand the drafts over to"),
        required=False,
        empty_label=pgettext_lazy("person", "nobody"),
        help_text=_("Nobody else sees drafts. A colleague can submit or discard them."),
    )

    @classmethod
    def of(cls, person: Person, *, by: Person, data: QueryDict | None = None) -> Self:
        form = cls(data, auto_id="note_%s")
        form.unmarked = ("note", "drafts_to") if person.is_active else ()  # who deactivates somebody has to say why
        receivers = drafts.receivers(person, by=by) if person.is_active else Person.objects.none()
        form.fields["drafts_to"].queryset = receivers
        if not receivers.exists():
            del form.fields["drafts_to"]
        return form


class AddPersonForm(DetailsForm):
    roles = RolesField()
    shops = ShopsField()

    def __init__(self, *arguments, by, **options):
        super().__init__(*arguments, **options)
        self.fields["shops"].queryset = Shop.objects.for_user(by)


class FindPeopleForm(forms.Form):
    """Whom the list shows; nothing that is typed here is wrong."""

    unmarked = ("name", "inactive")

    name = forms.CharField(
        label=_("Name or username"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    inactive = forms.BooleanField(label=_("Include deactivated people"), required=False)

    def found(self, known: QuerySet[Person]) -> QuerySet[Person]:
        """The people among the `known` ones."""
        given = self.cleaned_data if self.is_valid() else {}
        if not given.get("inactive"):
            known = known.filter(is_active=True)
        name = given.get("name", "")
        return known.filter(Q(username__icontains=name) | Q(name__icontains=name))
