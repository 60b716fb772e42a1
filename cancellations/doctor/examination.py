"""The table of what is checked, and the walk through it."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from cancellations.doctor import configuration, database, erp, machine, work
from cancellations.doctor.findings import Finding, State


class Check(NamedTuple):
    """`name` is for scripts and never changes; `title` is for people."""

    name: str
    title: Promise
    do: Callable[[], Iterable[Finding]]


CHECKS = (
    Check("settings", pgettext_lazy("doctor", "Settings"), configuration.settings_are_right),
    Check("keys", pgettext_lazy("doctor", "Keys"), configuration.keys_are_keys),
    Check("site", pgettext_lazy("doctor", "Address and proxy"), configuration.site_fits_together),
    Check("static_files", pgettext_lazy("doctor", "Static files"), configuration.static_files_are_collected),
    Check("time_zone", pgettext_lazy("doctor", "Time zone"), configuration.time_zone_is_known),
    Check("disk", pgettext_lazy("doctor", "Disk"), machine.disk_has_room),
    Check("files", pgettext_lazy("doctor", "Files"), machine.files_can_be_written),
    Check("database", pgettext_lazy("doctor", "Database"), database.is_reachable),
    Check("durability", pgettext_lazy("doctor", "Durability"), database.keeps_what_it_has),
    Check("migrations", pgettext_lazy("doctor", "Migrations"), database.is_migrated),
    Check("app_secrets", pgettext_lazy("doctor", "App secrets"), work.secrets_can_be_read),
    Check("workers", pgettext_lazy("doctor", "Workers"), work.workers_are_alive),
    Check("audit_trail", pgettext_lazy("doctor", "Audit trail"), work.trail_is_anchored),
    Check("backup", pgettext_lazy("doctor", "Backup"), work.backup_is_young),
    Check("restore", pgettext_lazy("doctor", "Restore"), work.restore_is_confirmed),
    Check("maintenance", pgettext_lazy("doctor", "Maintenance"), work.maintenance_is_over),
    Check("mail", pgettext_lazy("doctor", "Mail"), work.mail_server_answers),
    Check("robots", pgettext_lazy("doctor", "Group robots"), work.robots_are_heard),
    Check("clock", pgettext_lazy("doctor", "Clock"), erp.clock_is_right),
)


def examine() -> Iterator[tuple[Check, Finding]]:
    """Every check with each of its findings, in the language that is active."""
    for check in CHECKS:
        try:
            yield from ((check, finding) for finding in list(check.do()))
        except (OperationalError, InterfaceError, ProgrammingError) as error:
            connection.close()
            # SQLite calls a missing table an operational error; PostgreSQL does not.
            if isinstance(error, ProgrammingError) or "no such table" in str(error):
                sentence, way_on = _("Not checked: tables are missing."), _("Run: manage.py migrate")
                yield check, Finding(State.UNKNOWN, sentence, way_on)
            elif check.do is database.is_reachable:
                way_on = _("Check DATABASE_URL, and whether the server runs.")
                yield check, Finding(State.WRONG, _("The database cannot be reached."), way_on)
            else:
                way_on = _("Mend the database first, then ask again.")
                yield check, Finding(State.UNKNOWN, _("Not checked: the database cannot be reached."), way_on)


def worst(findings: Iterable[Finding]) -> State:
    """The state of the whole."""
    order = list(State)
    return max((finding.state for finding in findings), key=order.index, default=State.FINE)
