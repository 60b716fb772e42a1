"""Every order of a search, as texts, a thousand at a time: by key, so that no cursor and no transaction stays open."""

from datetime import timedelta

from django.conf import settings
from django.db.models import CharField, F, Func
from django.utils import timezone

from cancellations.history.search import OF_PEOPLE, Selection

CHUNK = 1000
OF_LINES = ["id", "order_no", "position", "outcome", "known_by", "why", "message"]
OF_REQUESTS = ["id", "number", "shop_id", "operation", "status", "reason", *OF_PEOPLE]


class LocalText(Func):
    """A time as text in the application's zone, with its offset; made by the database, which is quicker at it."""

    output_field = CharField()

    def as_sqlite(self, compiler, connection, **context):
        hours = timezone.localtime().utcoffset() / timedelta(hours=1)
        template = (
            f"strftime('%%%%Y-%%%%m-%%%%d %%%%H:%%%%M:%%%%S', %(expressions)s, '{hours:+g} hours') || '{_offset()}'"
        )
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler, connection, **context):
        zone = settings.TIME_ZONE
        template = f"to_char(%(expressions)s AT TIME ZONE '{zone}', 'YYYY-MM-DD HH24:MI:SS') || '{_offset()}'"
        return self.as_sql(compiler, connection, template=template, **context)


def _offset():
    return f"{timezone.localtime():%z}"


def chunks(filters, reader):
    """Lists of tuples: OF_LINES, OF_REQUESTS, then as text: submitted, decided, since when the outcome."""
    selection = Selection(filters, reader)
    columns = selection.columns(OF_LINES, OF_REQUESTS)
    times = [*selection.columns([], ["submitted_at", "decided_at"]), *selection.columns(["outcome_at"], [])]
    columns += [LocalText(F(name)) for name in times]
    key = None
    while rows := list(selection.rows(CHUNK, key=key, columns=columns)):
        yield rows
        if len(rows) < CHUNK:
            return
        pk, order_no, position, *_ = last = rows[-1]
        key = selection.key(pk=pk, order_no=order_no, position=position, cancellation_id=last[len(OF_LINES)])
