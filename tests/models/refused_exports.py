"""What the database refuses of exports, past the verbs; test_constraints.py has the list."""

from uuid import uuid4

from django.utils import timezone

from cancellations.models import Export, ExportPart


def an_export(person, state="waiting", **fields):
    if state == "making":
        fields["task_id"] = uuid4()
    return Export.objects.create(
        person=person, state=state, language="en", orders=1, created_at=timezone.now(), **fields
    )


def two_exports_of_a_person_on_their_way(shop, cast):
    an_export(cast.lina, "making")
    an_export(cast.lina, "waiting")


def an_export_made_by_nobody(shop, cast):
    _set(an_export(cast.lina), state="making")


def an_export_that_failed_for_no_reason(shop, cast):
    _set(an_export(cast.lina), state="failed")


def two_pieces_of_one_number(shop, cast):
    export = an_export(cast.lina)
    for content in (b"a", b"b"):
        ExportPart.objects.create(export=export, number=0, content=content)


def _set(export, **fields):
    Export.objects.filter(pk=export.pk).update(**fields)
