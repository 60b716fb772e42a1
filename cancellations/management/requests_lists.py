"""How `manage.py requests create` reads a list: as the preview does, by the same form."""

import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import CommandError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from cancellations import words
from cancellations.intake import Doubt
from cancellations.models import CancellationRequest, Person, Shop, Upload
from cancellations.models.cancellations import content_hash
from cancellations.pages.requests.list_forms import NewRequestForm
from cancellations.workflow import clerk
from cancellations.workflow.errors import OrdersOpenElsewhere

REFUSED = 4  # the exit code of what is not allowed, and of bad input


def refused(sentence: str) -> CommandError:
    """The error with which the command ends; nothing was changed."""
    return CommandError(sentence, returncode=REFUSED)


def content_of(file: str) -> tuple[str, bytes]:
    """(name, content) of a file or, after `-`, of standard input; of a huge one only enough to tell that it is huge."""
    enough = settings.UPLOAD_MAX_MB * 1024 * 1024 + 1
    if file == "-":
        return "stdin.txt", sys.stdin.buffer.read(enough)
    try:
        with Path(file).open("rb") as opened:
            return Path(file).name, opened.read(enough)
    except OSError as error:
        raise refused(_("%(file)s cannot be read: %(why)s.") % {"file": file, "why": error.strerror}) from error


def read_list(
    person: Person,
    file: str,
    *,
    shop: Shop,
    operation: int,
    include_checked: bool,
    reason: str,
    reason_kind: str,
    take_doubtful: bool,
) -> NewRequestForm:
    """The form of the pages, filled in and checked. Raises CommandError with all that is wrong."""
    name, content = content_of(file)
    data = QueryDict(mutable=True)
    data.update({"shop": shop.pk, "operation": operation, "reason": reason, "reason_kind": reason_kind})
    data.update({"token": uuid.uuid4(), "allow_checked": "on" if include_checked else ""})
    if take_doubtful:
        data.setlist("take_all", list(Doubt))
    form = NewRequestForm(data, {"file": SimpleUploadedFile(name, content)}, person=person)
    wrong = [
        f"{form.fields[field].label}{pgettext('clause', ': ')}{sentence}" if field in form.fields else sentence
        for field, sentences in form.errors.items()
        for sentence in sentences
    ]
    if wrong:
        raise refused("\n".join(wrong))
    form.kept_file = Upload(person=person, name=name[-200:], content=content)  # for the history; not stored
    return form


def what_is_in_doubt(form: NewRequestForm) -> Iterator[tuple[str, str, str]]:
    """(place, value, reason) of all that nobody takes unasked; what stands there twice is no doubt."""
    yield from words.lists.not_taken(form.reading, replace(form.reading.intake, duplicates=[]))
    for other in form.reading.others:
        why = ngettext("a column with %(count)s order number", "a column with %(count)s order numbers", other.numbers)
        yield f"{other.sheet}!{other.letter}".lstrip("!"), other.heading, why % {"count": f"{other.numbers:,}"}


def check_not_open_elsewhere(made: CancellationRequest) -> None:
    """Raises OrdersOpenElsewhere, which names all of them: nobody sees a preview in which they are left out."""
    taken = list(clerk.taken_elsewhere(made).values_list("order_no", "cancellation__number"))
    if taken:
        named = ", ".join(f"{order_no} ({number})" for order_no, number in taken)
        raise OrdersOpenElsewhere(count=len(taken), examples=named, orders=taken)


def check_is_the_same(made: CancellationRequest, form: NewRequestForm) -> None:
    """Raises CommandError if what was made under the external ID is not what the form asks for."""
    asked = form.asked
    seal = content_hash(
        shop_id=form.cleaned_data["shop"].pk,
        operation=asked["operation"],
        allow_checked=asked["allow_checked"],
        order_nos=form.intake.numbers,
    )
    if (made.content_hash, made.reason_kind, made.reason) != (seal, asked["reason_kind"], asked["reason"]):
        sentence = _("%(number)s has this external ID and holds something else. Nothing was made.")
        raise refused(sentence % {"number": made.number})
