"""docs/security.md, with the limits as the code has them; the rest of it is written by hand."""

from django.conf import settings

from cancellations.access import sessions, sign_in, throttling
from cancellations.exports import verbs as exports
from cancellations.history import limits as searches
from cancellations.intake import archives, child, files, reader, tables, text, workbook
from cancellations.models import Person
from cancellations.models.events import MAX_NOTE
from cancellations.pages import middleware
from cancellations.wdt import client
from cancellations.webhooks import delivery as webhook_answers
from cancellations.workflow import saved_filters, webhooks
from wdtadmin.variables import BASE_DIR, VARIABLES

FILE = BASE_DIR / "docs" / "security.md"
BEGIN = "<!-- from the code, by `manage.py documents --write` -->\n"
END = "<!-- until here -->\n"
MB = 1 << 20
SHARES = {
    "uploads": "UPLOADS_PER_HOUR",
    "readings of a kept file, long pastes": "READINGS_PER_HOUR",
    "drafts": "DRAFTS_PER_HOUR",
    "look-ups": "LOOK_UPS_PER_HOUR",
    "exports": "EXPORTS_PER_HOUR",
    "connection tests": "CONNECTION_TESTS_PER_HOUR",
    "verifications of the audit trail": "VERIFICATIONS_PER_HOUR",
    "tests of webhooks, messages sent again": "WEBHOOK_TESTS_PER_HOUR",
}


def document() -> str:
    """The whole file, its table of limits made anew."""
    before, _, rest = FILE.read_text().partition(BEGIN)
    inside = f"{tables.MAX_ROWS:,} rows, {tables.MAX_SHEETS} sheets, {workbook.MAX_CELLS:,} cells"
    child_limits = f"{child.SECONDS} s, {reader.MEMORY // MB} MB, {archives.MAX_UNPACKED // MB} MB unpacked, {inside}"
    line = f"{child.IN_LINE} more waits {child.SECONDS_IN_LINE} s; others are asked to come again"
    in_turn = f"{child.AT_ONCE} in a process, and {line}"
    failures = (
        f"{settings.AXES_FAILURE_LIMIT} failures of a person from an address, {throttling.FAILURES_OF_ADDRESS} "
        f"of an address (both in {settings.AXES_COOLOFF_TIME.seconds // 60} minutes), "
        f"{throttling.FAILURES_ANYWHERE} of a person"
    )
    waiting = f"{sign_in.IN_LINE} more wait {sign_in.SECONDS_IN_LINE} s; others are asked to come again"
    sign_ins = f"{sign_in.AT_ONCE} in a process, and {waiting}"
    name = Person._meta.get_field("username").max_length
    answer = f"{webhook_answers.LARGEST_ANSWER // 1024} kB of an answer"
    limits = [
        ("a file", f"{_of('UPLOAD_MAX_MB')} MB; in a child process: {child_limits}", "see uploads", in_turn),
        (
            "a paste, any form",
            f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE // MB} MB, URL-encoded {middleware.MAX_ENCODED // MB} MB; "
            f"{text.MAX_PIECES:,} pieces, "
            f"{text.MAX_JUDGED:,} looked at closely; from {files.LONG:,} characters on in the child process",
            "see readings",
            in_turn,
        ),
        ("a request", f"{_of('ORDERS_PER_REQUEST')} orders", "see drafts", "–"),
        ("a search", f"{searches.SECONDS} s in the database", "–", f"{searches.AT_ONCE} of a person in a process"),
        ("a statement of a page", f"{_of('STATEMENT_SECONDS')} s in the database", "–", "–"),
        ("an export", f"{exports.MAX_ORDERS:,} orders; {exports.MAX_FILES} files kept", "see exports", "1 of a person"),
        ("a sign-in", f"{name} characters of a name", failures, sign_ins),
        ("a session", f"{sessions.IDLE // 3600} h without a page, {sessions.MAX_SECONDS // 3600} h in all", "–", "any"),
        ("a note", f"{MAX_NOTE} characters", "–", "–"),
        ("saved filters", f"{saved_filters.LONGEST_NAME} characters of a name", "–", f"{saved_filters.MAX_FILTERS}"),
        ("webhooks", answer, "see tests of webhooks", f"{webhooks.MAX_WEBHOOKS} of a seller account"),
        ("an answer of the ERP", f"{client.LARGEST_ANSWER // MB} MB", "the account's pace", "1 call of an account"),
    ]
    rows = ["| what | how large | in an hour | at once |", "|---|---|---|---|"]
    rows += [f"| {what} | {size} | {hourly} | {at_once} |" for what, size, hourly, at_once in limits]
    rows += [f"| {what} of a person | – | {_of(name)} | – |" for what, name in SHARES.items()]
    return before + BEGIN + "\n".join(rows) + "\n" + END + rest.partition(END)[2]


def _of(name):
    """A limit that is a setting, with its default."""
    return f"`{name}` ({int(VARIABLES[name].default):,})"
