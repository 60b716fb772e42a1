"""What the workers do: whether they are there, can read the app secrets, and reach the places that they write to."""

import smtplib
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from cancellations import tasks
from cancellations.doctor.findings import Finding, State
from cancellations.models import AuditCheck, Backup, Credential, GroupRobot, Maintenance, RestoredCopy
from cancellations.models.secrets import SecretUnreadable
from cancellations.sending import heartbeat
from wdtadmin.mail import mail_server

LATELY = timedelta(hours=36)  # what is done once a day


def secrets_can_be_read() -> Iterator[Finding]:
    """Each app secret and each address of a robot opens with one of CREDENTIAL_KEYS."""
    stored = [one.app_secret for one in Credential.objects.filter(is_active=True)]
    stored += [one.address for one in GroupRobot.objects.filter(is_active=True)]
    closed = 0
    for secret in stored:
        try:
            closed += not secret.reveal()
        except SecretUnreadable:
            closed += 1
    if closed:
        yield Finding(
            State.WRONG,
            _("%(count)s of %(all)s stored secrets cannot be decrypted.") % {"count": closed, "all": len(stored)},
            _("Add the key that they were encrypted with to CREDENTIAL_KEYS, or enter them again."),
        )
    else:
        yield Finding(State.FINE, _("All %(count)s stored secrets can be decrypted.") % {"count": len(stored)})


def workers_are_alive() -> Iterator[Finding]:
    """Somebody is there who sends, and somebody who makes exports."""
    queues = [queue for worker in heartbeat.alive() for queue in worker.queues]
    way_on = _("Start one: systemctl start wdtadmin-worker@1")
    if heartbeat.SENDING not in queues:
        yield Finding(State.WRONG, _("No worker is alive that sends."), way_on)
    else:
        count = queues.count(heartbeat.SENDING)
        yield Finding(State.FINE, _("Workers that send: %(count)s.") % {"count": count})
    if queues and tasks.EXPORTS not in queues:
        yield Finding(State.WARNING, _("No worker makes long exports."), _("Start one with WORKER_QUEUES=exports."))


def trail_is_anchored() -> Iterator[Finding]:
    """The last verification was lately, in order, and written out."""
    last, anchored = AuditCheck.objects.first(), AuditCheck.objects.filter(is_anchor=True).first()
    if last and last.fault:
        yield Finding(State.WRONG, last.in_words, _("Follow the part “The history” of docs/operating.md."))
    if anchored is None or anchored.at < timezone.now() - LATELY:
        yield Finding(
            State.WARNING,
            _("No anchor of the audit trail was written in the last %(hours)s hours.")
            % {"hours": round(LATELY.total_seconds() / 3600)},
            _("A worker writes one every day: let one run, then look into its log."),
        )
    elif not (last and last.fault):
        yield Finding(State.FINE, _("The audit trail was verified, and its anchor written."))
    if not (settings.AUDIT_ANCHOR_FILE or settings.AUDIT_ANCHOR_EMAIL):
        yield Finding(
            State.UNKNOWN,
            _("Anchors go to the log alone; whether it is kept on another machine is not known here."),
            _("Set AUDIT_ANCHOR_FILE or AUDIT_ANCHOR_EMAIL, or let the log go to another machine."),
        )


def backup_is_young() -> Iterator[Finding]:
    """`manage.py backup` notes when it made a copy."""
    last = Backup.objects.first()
    said = _("The last backup is of %(day)s.") % {"day": timezone.localdate(last.at)} if last else ""
    if last is None or last.at < timezone.now() - LATELY:
        yield Finding(
            State.WARNING, said or _("There was no backup yet."), _("Run 'manage.py backup FOLDER' every night.")
        )
    else:
        yield Finding(State.FINE, said)


def restore_is_confirmed() -> Iterator[Finding]:
    """An earlier state of the database was put back, and the workers wait for somebody who says so."""
    if RestoredCopy.objects.unconfirmed().exists():
        yield Finding(
            State.WRONG,
            _("The database was restored from a copy, and nothing is sent until somebody has confirmed it."),
            _("An administrator confirms it on the page “Restored database”."),
        )
    else:
        yield Finding(State.FINE, _("No restore waits to be confirmed."))


def maintenance_is_over() -> Iterator[Finding]:
    """Nothing ends it but a command: it can be forgotten."""
    maintenance = Maintenance.objects.first()
    if maintenance is None:
        yield Finding(State.FINE, _("There is no maintenance."))
        return
    yield Finding(
        State.WRONG if maintenance.is_late else State.WARNING,
        _("Maintenance, expected to end at %(until)s: nothing can be changed, and nothing is sent.")
        % {"until": f"{timezone.localtime(maintenance.until):%Y-%m-%d %H:%M}"},
        _("When you are done: manage.py maintenance off"),
    )


def mail_server_answers() -> Iterator[Finding]:
    """Connects as a mail would be sent, and sends none."""
    if not (settings.PUBLIC_URL or settings.AUDIT_ANCHOR_EMAIL):
        yield Finding(State.FINE, _("No mail is sent: neither PUBLIC_URL nor AUDIT_ANCHOR_EMAIL is set."))
        return
    server = mail_server()
    try:
        server.open()
        server.close()
    except (OSError, smtplib.SMTPException) as error:
        yield Finding(
            State.WRONG,
            _("The mail server does not take the connection: %(error)s.") % {"error": type(error).__name__},
            _("Check EMAIL_URL and the way to the server."),
        )
    else:
        yield Finding(State.FINE, _("The mail server takes the connection."))


def robots_are_heard() -> Iterator[Finding]:
    """What their chats answered last."""
    found = False
    for robot in GroupRobot.objects.select_related("shop"):
        named = {"robot": robot, "shop": robot.shop, "code": robot.off_code, "count": robot.failures}
        if robot.off_at:
            sentence = _("The chat has switched off “%(robot)s” of %(shop)s (%(code)s).") % named
        elif robot.failures:
            sentence = _("“%(robot)s” of %(shop)s was not heard %(count)s times in a row.") % named
        else:
            continue
        found = True
        yield Finding(State.WARNING, sentence, _("Test it on the page of the seller account."))
    if not found:
        yield Finding(State.FINE, _("No group robot was refused lately."))
