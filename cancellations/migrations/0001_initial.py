"""All tables, the four roles as groups, and the triggers that keep the history as it was written."""

import uuid
from datetime import date, timedelta

import django.contrib.auth.models
import django.contrib.auth.validators
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import cancellations.models.lines
import cancellations.models.secrets

ROLES = ("clerk", "manager", "auditor", "administrator")
# (holiday, first day, last day, days on which people work instead), as the State Council announced it on 2025-11-04:
# 国务院办公厅关于2026年部分节假日安排的通知, by Xinhua in https://politics.gmw.cn/2025-11/04/content_38391083.htm
HOLIDAYS = (
    ("元旦", date(2026, 1, 1), date(2026, 1, 3), [date(2026, 1, 4)]),
    ("春节", date(2026, 2, 15), date(2026, 2, 23), [date(2026, 2, 14), date(2026, 2, 28)]),
    ("清明节", date(2026, 4, 4), date(2026, 4, 6), []),
    ("劳动节", date(2026, 5, 1), date(2026, 5, 5), [date(2026, 5, 9)]),
    ("端午节", date(2026, 6, 19), date(2026, 6, 21), []),
    ("中秋节", date(2026, 9, 25), date(2026, 9, 27), []),
    ("国庆节", date(2026, 10, 1), date(2026, 10, 7), [date(2026, 9, 20), date(2026, 10, 10)]),
)
# What a constraint cannot say, because it looks into another table.
DECIDED_FOR_A_MACHINE = (
    "(NEW.decided_by_id IS NOT NULL AND (EXISTS (SELECT 1 FROM cancellations_person WHERE id = NEW.decided_by_id "
    "AND is_machine) OR EXISTS (SELECT 1 FROM cancellations_machine WHERE person_id = NEW.requester_id "
    "AND responsible_id = NEW.decided_by_id)))"
)
MORE_THAN_A_CLERK = (
    "(EXISTS (SELECT 1 FROM cancellations_person WHERE id = NEW.person_id AND is_machine) "
    "AND NOT EXISTS (SELECT 1 FROM auth_group WHERE id = NEW.group_id AND name = 'clerk'))"
)
# What keeps the history and its chain as they were written, whoever speaks to the database.
TRIGGERS = {
    "sqlite": (
        "CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON cancellations_event "
        "BEGIN SELECT RAISE(ABORT, 'events are never changed or deleted'); END",
        "CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON cancellations_event "
        "BEGIN SELECT RAISE(ABORT, 'events are never changed or deleted'); END",
        # INSERT OR REPLACE passes the others on a connection without recursive_triggers.
        "CREATE TRIGGER events_are_not_replaced BEFORE INSERT ON cancellations_event "
        "WHEN EXISTS (SELECT 1 FROM cancellations_event WHERE id = NEW.id OR uid = NEW.uid) "
        "BEGIN SELECT RAISE(ABORT, 'events are never changed or deleted'); END",
        "CREATE TRIGGER links_are_not_replaced BEFORE INSERT ON cancellations_chainlink "
        "WHEN EXISTS (SELECT 1 FROM cancellations_chainlink WHERE number = NEW.number OR event_id = NEW.event_id) "
        "BEGIN SELECT RAISE(ABORT, 'links are never changed or deleted'); END",
        "CREATE TRIGGER links_are_not_changed BEFORE UPDATE ON cancellations_chainlink "
        "BEGIN SELECT RAISE(ABORT, 'links are never changed or deleted'); END",
        "CREATE TRIGGER links_are_not_deleted BEFORE DELETE ON cancellations_chainlink "
        "BEGIN SELECT RAISE(ABORT, 'links are never changed or deleted'); END",
        "CREATE TRIGGER machines_decide_nothing BEFORE UPDATE OF decided_by_id ON cancellations_cancellationrequest "
        f"WHEN {DECIDED_FOR_A_MACHINE} BEGIN SELECT RAISE(ABORT, 'a machine decides nothing, nor who answers for it'); END",
        "CREATE TRIGGER machines_are_clerks BEFORE INSERT ON cancellations_person_groups "
        f"WHEN {MORE_THAN_A_CLERK} BEGIN SELECT RAISE(ABORT, 'a machine is a clerk and nothing else'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION refuse_to_change_events() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'events are never changed or deleted'; END $$",
        "CREATE TRIGGER events_are_not_changed BEFORE UPDATE OR DELETE ON cancellations_event "
        "FOR EACH ROW EXECUTE FUNCTION refuse_to_change_events()",
        "CREATE TRIGGER events_are_not_deleted BEFORE TRUNCATE ON cancellations_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_events()",
        "CREATE FUNCTION refuse_to_change_links() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'links are never changed or deleted'; END $$",
        "CREATE TRIGGER links_are_not_changed BEFORE UPDATE OR DELETE ON cancellations_chainlink "
        "FOR EACH ROW EXECUTE FUNCTION refuse_to_change_links()",
        "CREATE TRIGGER links_are_not_deleted BEFORE TRUNCATE ON cancellations_chainlink "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_links()",
        "CREATE FUNCTION check_decider() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {DECIDED_FOR_A_MACHINE} THEN "
        "RAISE EXCEPTION 'a machine decides nothing, nor who answers for it'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER machines_decide_nothing BEFORE UPDATE OF decided_by_id ON cancellations_cancellationrequest "
        "FOR EACH ROW EXECUTE FUNCTION check_decider()",
        "CREATE FUNCTION check_role() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {MORE_THAN_A_CLERK} THEN "
        "RAISE EXCEPTION 'a machine is a clerk and nothing else'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER machines_are_clerks BEFORE INSERT OR UPDATE ON cancellations_person_groups "
        "FOR EACH ROW EXECUTE FUNCTION check_role()",
    ),
}


def make_roles(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    Group.objects.bulk_create(Group(name=name) for name in ROLES)


def make_calendar(apps, schema_editor):
    CalendarDay = apps.get_model("cancellations", "CalendarDay")
    for name, first, last, instead in HOLIDAYS:
        off = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        CalendarDay.objects.bulk_create(CalendarDay(day=day, is_working=False, name=name) for day in off)
        CalendarDay.objects.bulk_create(CalendarDay(day=day, is_working=True, name=name) for day in instead)


def create_triggers(apps, schema_editor):
    for statement in TRIGGERS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                ("name", models.CharField(default="", max_length=150, verbose_name="name")),
                ("oidc_issuer", models.CharField(default="", max_length=200)),
                ("oidc_subject", models.CharField(default="", max_length=255)),
                ("is_machine", models.BooleanField(default=False)),
                ("signed_out_at", models.DateTimeField(null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("oidc_subject", ""), _negated=True),
                        fields=("oidc_issuer", "oidc_subject"),
                        name="an_identity_is_one_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_machine", False),
                            models.Q(("is_superuser", False), ("oidc_subject", ""), ("password__startswith", "!")),
                            _connector="OR",
                        ),
                        name="a_machine_never_signs_in",
                    ),
                ],
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="Backup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("size", models.PositiveBigIntegerField()),
                ("seconds", models.FloatField()),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("is_working", models.BooleanField()),
                ("name", models.CharField(default="", max_length=40)),
            ],
            options={
                "ordering": ["day"],
            },
        ),
        migrations.CreateModel(
            name="Chore",
            fields=[
                ("name", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("done_on", models.DateField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="DailyNumber",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("last", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="FiguresCursor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event", models.PositiveBigIntegerField(default=0)),
                ("event_before", models.PositiveBigIntegerField(default=0)),
                ("looked_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="GroupRobot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("wecom", "WeCom"), ("dingtalk", "DingTalk"), ("feishu", "Feishu")],
                        max_length=8,
                        verbose_name="Chat",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="Name")),
                ("address", cancellations.models.secrets.EncryptedSecretField()),
                ("secret", cancellations.models.secrets.EncryptedSecretField(null=True)),
                ("is_active", models.BooleanField(default=True)),
                ("off_code", models.CharField(default="", max_length=32)),
                ("off_at", models.DateTimeField(null=True)),
                ("next_at", models.DateTimeField(null=True)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["shop", "name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("off_at__isnull", True), ("off_code", "")),
                            models.Q(("is_active", False), ("off_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_robot_that_was_switched_off_is_off",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StaleDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name="Worker",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=32, unique=True)),
                ("host", models.CharField(max_length=100)),
                ("process", models.PositiveIntegerField()),
                ("started_at", models.DateTimeField()),
                ("beat_at", models.DateTimeField()),
                ("is_stopping", models.BooleanField(default=False)),
                ("queues", models.JSONField(default=list)),
            ],
            options={
                "ordering": ["host", "process"],
            },
        ),
        migrations.CreateModel(
            name="AuditCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("events", models.BigIntegerField()),
                ("last_event_id", models.BigIntegerField(null=True)),
                ("mac", models.CharField(default="", max_length=64)),
                (
                    "fault",
                    models.CharField(
                        choices=[
                            ("changed", "An event was changed."),
                            ("removed", "An event was removed."),
                            ("inserted", "An event was inserted."),
                            ("reordered", "Events were reordered."),
                            ("cut", "The end of the audit trail was cut off."),
                            ("unguarded", "The database's guards of the audit trail are missing."),
                            ("unvouched", "Requests were approved without an approval in the audit trail."),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("fault_number", models.BigIntegerField(null=True)),
                ("fault_event_id", models.BigIntegerField(null=True)),
                ("fault_about", models.CharField(default="", max_length=500)),
                ("is_anchor", models.BooleanField(default=False)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="CancellationRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True)),
                (
                    "operation",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Cancel"), (1, "Stop waiting"), (2, "WMS stop waiting")]
                    ),
                ),
                ("allow_checked", models.BooleanField(default=False)),
                (
                    "reason_kind",
                    models.CharField(
                        choices=[
                            ("discontinued", "Discontinued"),
                            ("out_of_stock", "Supplier out of stock"),
                            ("duplicate", "Duplicate order"),
                            ("price", "Price"),
                            ("other", "Other"),
                        ],
                        default="other",
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(default="", max_length=500)),
                ("wanted_by", models.DateTimeField(null=True)),
                ("line_count", models.PositiveIntegerField()),
                ("content_hash", models.CharField(max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("DRAFT", "Draft"),
                            ("SUBMITTED", "Awaiting approval"),
                            ("APPROVED", "Approved"),
                            ("RUNNING", "Running"),
                            ("PAUSED", "Paused"),
                            ("FINISHED", "Finished"),
                            ("REJECTED", "Rejected"),
                            ("WITHDRAWN", "Withdrawn"),
                            ("EXPIRED", "Expired"),
                            ("STOPPED", "Stopped"),
                        ],
                        default="DRAFT",
                        max_length=10,
                    ),
                ),
                ("form_token", models.UUIDField()),
                ("external_id", models.CharField(default="", max_length=100)),
                ("on_behalf_of", models.CharField(default="", max_length=100)),
                ("created_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("extended_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_hash", models.CharField(default="", max_length=64)),
                ("decision_note", models.CharField(default="", max_length=500)),
                ("stopped_at", models.DateTimeField(null=True)),
                (
                    "pause_reason",
                    models.CharField(
                        choices=[
                            ("sign", "The ERP refused the seller account, app key or secret."),
                            ("clock", "The ERP reports that this server's clock is wrong."),
                            ("ip", "This server's IP address is not on the seller account's whitelist."),
                            ("address", "The ERP address resolves to a private network that is not allowed."),
                            ("permission", "The app key has no permission for this interface."),
                            ("argument", "The ERP refused the call."),
                            ("secret", "The app secret cannot be decrypted."),
                            ("no_credential", "The seller account is inactive or has no active credential."),
                            ("no_address", "The server settings contain no address for this environment."),
                            ("rate", "The ERP is rate-limiting this seller account."),
                            ("changed", "The list differs from the approved one."),
                            ("not_vouched_for", "The audit trail holds no valid approval of this request."),
                            ("shown_changed", "The amounts or forecasts differ from what the ERP showed."),
                            (
                                "perhaps_sent",
                                "The database was restored from a copy: orders may have been sent after the copy was made.",
                            ),
                        ],
                        default="",
                        max_length=16,
                    ),
                ),
                ("pause_message", models.CharField(default="", max_length=500)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "copied_from",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="copies",
                        to="cancellations.cancellationrequest",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "requester",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "stopped_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["requester", "-id"], name="newest_of_a_person"),
                    models.Index(
                        condition=models.Q(("submitted_at__isnull", False)),
                        fields=["submitted_at"],
                        name="requests_by_submission",
                    ),
                    models.Index(
                        condition=models.Q(("status", "SUBMITTED")), fields=["expires_at"], name="undecided_by_deadline"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("decided_by", models.F("requester")), _negated=True),
                        name="nobody_decides_on_their_own_request",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("decided_hash", "")),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                models.Q(("decided_hash", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="who_decided_when_on_what_or_nothing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", False),
                            ("status__in", ["DRAFT", "SUBMITTED", "WITHDRAWN", "EXPIRED"]),
                            _connector="OR",
                        ),
                        name="nothing_runs_without_a_decision",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_hash", ""), ("decided_hash", models.F("content_hash")), _connector="OR"
                        ),
                        name="what_was_decided_on_is_what_is_stored",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "REJECTED"), _negated=True),
                            models.Q(("decision_note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="a_rejection_has_a_note",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stopped_at__isnull", True), ("stopped_by__isnull", True)),
                            models.Q(("stopped_at__isnull", False), ("stopped_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="who_stopped_and_when_or_neither",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("stopped_by__isnull", False),
                            models.Q(("status", "STOPPED"), _negated=True),
                            _connector="OR",
                        ),
                        name="somebody_stopped_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("submitted_at__isnull", False), ("status__in", ["DRAFT", "WITHDRAWN"]), _connector="OR"
                        ),
                        name="what_was_submitted_says_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_at__isnull", False),
                            models.Q(("status", "SUBMITTED"), _negated=True),
                            _connector="OR",
                        ),
                        name="what_awaits_a_decision_expires",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("pause_reason", ""), models.Q(("status", "PAUSED"), _negated=True)),
                            models.Q(models.Q(("pause_reason", ""), _negated=True), ("status", "PAUSED")),
                            _connector="OR",
                        ),
                        name="paused_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("allow_checked", False), ("operation", 0), _connector="OR"),
                        name="checked_orders_are_an_option_of_cancelling",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("operation__in", [0, 1, 2])), name="the_operation_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), _negated=True),
                            models.Q(("reason_kind", "other"), _negated=True),
                            _connector="OR",
                        ),
                        name="a_request_has_a_reason",
                    ),
                    models.UniqueConstraint(fields=("requester", "form_token"), name="a_form_makes_one_request"),
                    models.UniqueConstraint(
                        condition=models.Q(("external_id", ""), _negated=True),
                        fields=("requester", "external_id"),
                        name="an_external_id_is_one_request_of_a_machine",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Credential",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("app_key", models.CharField(max_length=64)),
                ("app_secret", cancellations.models.secrets.EncryptedSecretField()),
                ("fingerprint", models.CharField(max_length=8)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("retired_at", models.DateTimeField(null=True)),
                ("lease_token", models.CharField(default="", max_length=36)),
                ("lease_until", models.DateTimeField(null=True)),
                ("leased_at", models.DateTimeField(null=True)),
                ("leased_to", models.CharField(default="", max_length=32)),
                ("next_call_at", models.DateTimeField(null=True)),
                (
                    "waiting_for",
                    models.CharField(
                        choices=[
                            ("rate", "The ERP is rate-limiting this seller account."),
                            ("unreachable", "The ERP is unreachable."),
                            ("no_answer", "The last ERP response was missing or not understood."),
                        ],
                        default="",
                        max_length=16,
                    ),
                ),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("woken_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "retired_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_at__isnull", True), ("retired_by__isnull", True)),
                            models.Q(
                                ("is_active", False), ("retired_at__isnull", False), ("retired_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="who_retired_it_and_when_and_then_it_is_not_active",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("send", "Send"),
                            ("settle", "Verify"),
                            ("look_up", "Look up"),
                            ("probe", "Connection test"),
                        ],
                        max_length=8,
                    ),
                ),
                ("method", models.CharField(max_length=64)),
                ("body", models.TextField()),
                ("page_no", models.PositiveIntegerField(null=True)),
                ("lease_token", models.CharField(default="", max_length=36)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("in_flight", "in flight"),
                            ("answered", "answered"),
                            ("not_executed", "not executed"),
                            ("unknown", "unknown"),
                        ],
                        default="in_flight",
                        max_length=12,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("http_status", models.PositiveSmallIntegerField(null=True)),
                ("answer", models.TextField(default="")),
                ("problem", models.CharField(default="", max_length=16)),
                ("pruned_at", models.DateTimeField(null=True)),
                ("problem_message", models.CharField(default="", max_length=500)),
                (
                    "cancellation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to="cancellations.cancellationrequest",
                    ),
                ),
                (
                    "credential",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="calls", to="cancellations.credential"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "in_flight")), fields=["credential"], name="calls_in_flight"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at__isnull", True), ("state", "in_flight")),
                            models.Q(("finished_at__isnull", False), models.Q(("state", "in_flight"), _negated=True)),
                            _connector="OR",
                        ),
                        name="a_call_is_in_flight_or_finished",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("mac", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("drafted", "created the draft"),
                            ("draft_changed", "changed the draft"),
                            ("orders_added", "added orders to the draft"),
                            ("dropped", "removed orders from the draft"),
                            ("put_back", "put removed orders back into the draft"),
                            ("restored", "restored the draft"),
                            ("handed_over", "handed over the draft"),
                            ("looked_up", "looked up the orders in the ERP"),
                            ("asked_for_lookup", "refreshed the orders from the ERP"),
                            ("submitted", "submitted the request for approval"),
                            ("approved", "approved the request"),
                            ("rejected", "rejected the request"),
                            ("withdrawn", "withdrew the request"),
                            ("extended", "extended the deadline"),
                            ("expired", "expired without a decision"),
                            ("started", "started sending"),
                            ("sent", "made a call to the ERP"),
                            ("not_executed", "a call was not executed"),
                            ("not_sent", "orders of a call that was not executed will not be sent"),
                            ("interrupted", "the sender was interrupted during a call"),
                            ("settled", "verified the outcomes with the ERP"),
                            ("asked_again", "requested another verification"),
                            ("decided_by_hand", "recorded outcomes manually"),
                            ("paused", "paused the request"),
                            ("resumed", "resumed the request"),
                            ("stopped", "stopped the request"),
                            ("finished", "finished the request"),
                            ("shop_added", "added the seller account"),
                            ("shop_changed", "changed the settings of the seller account"),
                            ("members_changed", "changed access to the seller account"),
                            ("credential_added", "added the credential"),
                            ("credential_retired", "retired the credential"),
                            ("keys_rotated", "re-encrypted the app secrets"),
                            ("account_paused", "paused the seller account"),
                            ("account_resumed", "resumed the seller account"),
                            ("connection_tested", "tested the connection"),
                            ("person_added", "added the person"),
                            ("person_changed", "changed the person's details"),
                            ("roles_changed", "changed the person's roles"),
                            ("deactivated", "deactivated the person"),
                            ("reactivated", "reactivated the person"),
                            ("link_made", "created a one-time link for a new password"),
                            ("password_set", "set a new password"),
                            ("factor_added", "set up the second factor"),
                            ("factor_removed", "removed the second factor"),
                            ("codes_made", "generated new recovery codes"),
                            ("identity_kept", "linked to the company account at the first sign-in through it"),
                            ("identity_reset", "ended the link to the company account"),
                            ("access_asked", "asked for a change that needs a second person"),
                            ("access_confirmed", "confirmed the change"),
                            ("access_refused", "refused the change"),
                            ("access_withdrawn", "withdrew the change"),
                            ("unlocked", "lifted the lock of signing in"),
                            ("signed_out", "signed out everywhere"),
                            ("calendar_changed", "changed the calendar"),
                            ("pruned", "cleared the contents of old calls"),
                            ("reminded", "asked for a decision"),
                            ("robot_added", "added the group robot"),
                            ("robot_changed", "changed the group robot"),
                            ("robot_removed", "removed the group robot"),
                            ("machine_added", "added the machine"),
                            ("machine_changed", "changed what the machine may do"),
                            ("token_made", "created an API token"),
                            ("token_revoked", "revoked an API token"),
                            ("webhook_added", "added the webhook"),
                            ("webhook_changed", "changed the webhook"),
                            ("webhook_switched", "switched the webhook"),
                            ("webhook_rotated", "gave the webhook a new secret"),
                            ("webhook_removed", "removed the webhook"),
                            ("exported", "exported orders"),
                            ("restore_confirmed", "confirmed that the database was restored"),
                            ("maintenance_begun", "began maintenance"),
                            ("maintenance_ended", "ended maintenance"),
                        ],
                        max_length=20,
                    ),
                ),
                ("actor_name", models.CharField(default="", max_length=150)),
                ("note", models.CharField(default="", max_length=500)),
                ("data", models.JSONField(default=dict)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "cancellation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="cancellations.cancellationrequest",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("kind", "exported")), fields=["id"], name="copies_that_were_taken"
                    ),
                    models.Index(condition=models.Q(("kind", "pruned")), fields=["id"], name="emptied_calls"),
                    models.Index(
                        condition=models.Q(("kind", "calendar_changed")), fields=["id"], name="changes_of_the_calendar"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChainLink",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("mac", models.CharField(max_length=64)),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="link", to="cancellations.event"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("query", models.JSONField(default=dict)),
                ("language", models.CharField(max_length=16)),
                ("orders", models.PositiveIntegerField()),
                ("written", models.PositiveIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Queued"),
                            ("making", "Generating"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                            ("expired", "Expired"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("", ""),
                            ("gave_up", "The export failed several times. Contact your administrator, then try again."),
                            (
                                "no_room",
                                "The server has no space left for the file. Contact your administrator, then try again.",
                            ),
                            (
                                "too_large",
                                "The file would exceed the size limit of Excel. Export as CSV, or narrow the filters.",
                            ),
                            (
                                "not_readable",
                                "You no longer have access to the orders of this export. Change the filters, or contact an administrator.",
                            ),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                ("shops", models.JSONField(default=list)),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("task_id", models.UUIDField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["person", "-id"], name="exports_of_a_person")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("waiting", "making"))),
                        fields=("person",),
                        name="an_export_of_a_person_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "making"), _negated=True), ("task_id__isnull", False), _connector="OR"
                        ),
                        name="what_is_being_made_has_a_task",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "failed"), models.Q(("why", ""), _negated=True)),
                            models.Q(models.Q(("state", "failed"), _negated=True), ("why", "")),
                            _connector="OR",
                        ),
                        name="what_failed_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExportPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                (
                    "export",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="cancellations.export",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("export", "number"), name="a_part_is_once_in_a_file")],
            },
        ),
        migrations.CreateModel(
            name="Lookup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "occasion",
                    models.CharField(
                        choices=[
                            ("drafted", "draft created"),
                            ("submitted", "request submitted"),
                            ("asked", "manual refresh"),
                            ("edited", "draft changed"),
                        ],
                        max_length=9,
                    ),
                ),
                ("wanted", models.PositiveIntegerField()),
                ("of", models.PositiveIntegerField()),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "failure",
                    models.CharField(
                        choices=[
                            ("sign", "The ERP refused the seller account, app key or secret."),
                            ("clock", "The ERP reports that this server's clock is wrong."),
                            ("ip", "This server's IP address is not on the seller account's whitelist."),
                            ("address", "The ERP address resolves to a private network that is not allowed."),
                            ("permission", "The app key has no permission for this interface."),
                            ("secret", "The app secret cannot be decrypted."),
                            ("no_credential", "The seller account is inactive or has no active credential."),
                            ("no_address", "The server settings contain no address for this environment."),
                            ("rate", "The ERP is rate-limiting this seller account."),
                            ("unreachable", "The ERP is unreachable."),
                            ("no_answer", "The last ERP response was missing or not understood."),
                            ("overtaken", "The request moved on before the lookup was complete."),
                        ],
                        default="",
                        max_length=16,
                    ),
                ),
                ("message", models.CharField(default="", max_length=500)),
                ("window_end", models.DateTimeField(null=True)),
                ("pages_left", models.PositiveIntegerField(default=0)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("next_at", models.DateTimeField(null=True)),
                (
                    "cancellation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lookups",
                        to="cancellations.cancellationrequest",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("cancellation",),
                        name="one_lookup_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("failure", ""), ("ended_at__isnull", False), _connector="OR"),
                        name="what_failed_has_ended",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Maintenance",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("note", models.CharField(default="", max_length=200)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_maintenance_at_a_time")
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "operation",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Cancel"), (1, "Stop waiting"), (2, "WMS stop waiting")]
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("source_line", models.PositiveIntegerField()),
                ("order_no", cancellations.models.lines.OrderNumberField(max_length=40)),
                ("typed", models.CharField(default="", max_length=200)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("LISTED", "Not submitted"),
                            ("WAITING", "Waiting"),
                            ("SENDING", "Sending"),
                            ("DONE", "Done"),
                            ("REFUSED", "Refused"),
                            ("UNKNOWN", "Unknown"),
                            ("SKIPPED", "Not sent"),
                        ],
                        default="LISTED",
                        max_length=8,
                    ),
                ),
                (
                    "known_by",
                    models.CharField(
                        choices=[
                            ("", ""),
                            ("reported", "reported by the ERP"),
                            ("verified", "verified with the ERP"),
                            ("by_hand", "recorded manually"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("", ""),
                            ("unnamed", "Other orders of the same call failed; this order was not named among them."),
                            ("no_answer", "No usable response arrived; the ERP may have executed the call."),
                            ("interrupted", "The sender was interrupted during the call."),
                            ("unclear", "The ERP response does not state the outcome of this order."),
                            ("not_visible", "Verification: the order was not found in the ERP."),
                            (
                                "not_provable",
                                "Verification: the ERP data neither confirms nor rules out the operation.",
                            ),
                            ("may_not_ask", "The app key has no permission to query orders."),
                            ("not_carried_out", "Verification: the order is unchanged in the ERP."),
                            ("contradicted", "The ERP reported success, but its data shows otherwise."),
                            ("refusal_wrong", "The ERP reported a failure, but its data shows the order as done."),
                            (
                                "unchecked",
                                "The ERP un-checked the order, but did not cancel it. It is now being edited.",
                            ),
                            (
                                "already",
                                "The order was cancelled or stopped before this request, which changed nothing.",
                            ),
                            ("perhaps_before", "The order is cancelled or stopped, perhaps since before this request."),
                            (
                                "asked_in_vain",
                                "Verification: the ERP gave no usable response, however often it was asked.",
                            ),
                        ],
                        default="",
                        max_length=16,
                    ),
                ),
                ("message", models.CharField(default="", max_length=500)),
                ("outcome_at", models.DateTimeField(null=True)),
                ("supplier", models.CharField(max_length=100, null=True)),
                ("warehouse", models.CharField(default="", max_length=100)),
                ("purchaser", models.CharField(default="", max_length=100)),
                ("amount", models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                ("settle_at", models.DateTimeField(null=True)),
                ("settle_count", models.PositiveSmallIntegerField(default=0)),
                ("failed_asks", models.PositiveSmallIntegerField(default=0)),
                ("erp_status", models.PositiveSmallIntegerField(null=True)),
                (
                    "needs_person",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                models.Q(
                                    models.Q(("outcome", "UNKNOWN"), ("settle_at__isnull", True)),
                                    ("why__in", ["contradicted", "refusal_wrong", "unchecked"]),
                                    _connector="OR",
                                ),
                                then=models.Value(True),
                            ),
                            default=models.Value(False),
                        ),
                        output_field=models.BooleanField(),
                    ),
                ),
                (
                    "cancellation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="cancellations.cancellationrequest",
                    ),
                ),
                (
                    "sent_in",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="cancellations.apicall",
                    ),
                ),
                (
                    "settled_in",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cancellations.apicall",
                    ),
                ),
            ],
            options={
                "ordering": ["cancellation", "position"],
                "indexes": [
                    models.Index(fields=["cancellation", "outcome", "position"], name="lines_by_outcome"),
                    models.Index(fields=["order_no", "-id"], name="lines_by_order_no"),
                    models.Index(
                        condition=models.Q(("outcome", "UNKNOWN")),
                        fields=["cancellation", "position"],
                        name="lines_that_are_unknown",
                    ),
                    models.Index(
                        condition=models.Q(("known_by", "by_hand")),
                        fields=["cancellation", "position"],
                        name="lines_decided_by_hand",
                    ),
                    models.Index(
                        condition=models.Q(("message", ""), _negated=True),
                        fields=["cancellation", "position"],
                        name="lines_with_a_message",
                    ),
                    models.Index(
                        condition=models.Q(("needs_person", True)), fields=["cancellation"], name="lines_for_people"
                    ),
                    models.Index(
                        condition=models.Q(("supplier__isnull", False)),
                        fields=["supplier", "cancellation", "position"],
                        name="lines_by_supplier",
                    ),
                    models.Index(
                        condition=models.Q(("amount__isnull", False)), fields=["amount", "id"], name="lines_by_amount"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Upper("order_no"),
                        models.F("cancellation"),
                        name="an_order_is_once_in_a_request",
                    ),
                    models.UniqueConstraint(
                        fields=("cancellation", "position"), name="a_position_is_once_in_a_request"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("known_by", ""), models.Q(("outcome__in", ["DONE", "REFUSED"]), _negated=True)),
                            models.Q(models.Q(("known_by", ""), _negated=True), ("outcome__in", ["DONE", "REFUSED"])),
                            _connector="OR",
                        ),
                        name="an_outcome_says_how_it_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sent_in__isnull", False),
                            models.Q(("outcome__in", ["SENDING", "DONE", "REFUSED", "UNKNOWN"]), _negated=True),
                            _connector="OR",
                        ),
                        name="no_outcome_without_a_call",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderSnapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(null=True)),
                ("found", models.BooleanField(null=True, verbose_name="ERP record")),
                (
                    "status",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (10, "cancelled"),
                            (20, "being edited"),
                            (30, "awaiting check"),
                            (35, "awaiting finance check"),
                            (40, "checked"),
                            (50, "partly arrived"),
                            (60, "arrived"),
                            (70, "awaiting settlement"),
                            (80, "partly settled"),
                            (90, "completed"),
                        ],
                        null=True,
                        verbose_name="ERP status",
                    ),
                ),
                (
                    "stockin_status",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "not stocked in"),
                            (1, "partly stocked in"),
                            (2, "stocked in"),
                            (3, "stock-in stopped"),
                            (4, "stocked in over quantity"),
                            (5, "partly stocked in, partly over quantity"),
                        ],
                        null=True,
                        verbose_name="Stock-in status",
                    ),
                ),
                ("spelling", models.CharField(default="", max_length=64)),
                ("provider_name", models.CharField(default="", max_length=100, verbose_name="Supplier")),
                ("warehouse_name", models.CharField(default="", max_length=100, verbose_name="Warehouse")),
                ("purchaser_name", models.CharField(default="", max_length=100)),
                ("total_fee", models.DecimalField(decimal_places=4, max_digits=18, null=True, verbose_name="Amount")),
                (
                    "goods_count",
                    models.DecimalField(decimal_places=4, max_digits=18, null=True, verbose_name="Quantity"),
                ),
                (
                    "arrive_count",
                    models.DecimalField(decimal_places=4, max_digits=18, null=True, verbose_name="Arrived quantity"),
                ),
                (
                    "stockin_count",
                    models.DecimalField(decimal_places=4, max_digits=18, null=True, verbose_name="Stocked-in quantity"),
                ),
                ("at_stake", models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                ("modified_at", models.DateTimeField(null=True)),
                ("goods", models.JSONField(default=list)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("will", "Will succeed"),
                            ("may", "May succeed"),
                            ("refused", "Will be refused"),
                            ("not_visible", "Not found in ERP"),
                        ],
                        default="",
                        max_length=11,
                    ),
                ),
                (
                    "because",
                    models.CharField(
                        choices=[
                            ("", ""),
                            ("editing", "Will be cancelled."),
                            ("unchecked", "Will be un-checked, then cancelled."),
                            (
                                "checked",
                                "Will be refused: awaiting check or checked, and the request does not include such orders.",
                            ),
                            ("stocked_in", "Will be refused: goods are already stocked in."),
                            (
                                "finance_option",
                                "May succeed or be refused: the vendor does not say whether the option covers orders awaiting finance check.",
                            ),
                            ("finance", "Will be refused: awaiting finance check."),
                            ("cancelled", "Will be refused: already cancelled."),
                            ("arrived", "Will be refused: goods have arrived."),
                            ("closed", "Will be refused: in settlement or completed."),
                            ("status_unknown", "May be refused: the vendor does not document this ERP status."),
                            ("partly", "Will stop waiting for the rest of the goods."),
                            (
                                "partly_over",
                                "May be refused: the vendor does not say whether “partly over quantity” counts as partly stocked in.",
                            ),
                            ("not_partly", "Will be refused: not partly stocked in."),
                            ("stockin_unknown", "May be refused: the ERP does not show the stock-in status."),
                            (
                                "wms",
                                "May succeed: only if pushed to an outsourced warehouse, which the ERP does not show.",
                            ),
                            (
                                "not_visible",
                                "Not found in the ERP: the number may be wrong, or the app key may lack access.",
                            ),
                            ("no_answer", "The ERP was queried, but gave no usable response."),
                        ],
                        default="",
                        max_length=16,
                    ),
                ),
                ("changes", models.JSONField(default=dict)),
                ("is_changed", models.BooleanField(default=False)),
                ("mac", models.CharField(default="", max_length=64)),
                (
                    "call",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cancellations.apicall",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="snapshots",
                        to="cancellations.orderline",
                    ),
                ),
                (
                    "lookup",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="snapshots",
                        to="cancellations.lookup",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["lookup", "at"], name="snapshots_by_time")],
                "constraints": [
                    models.UniqueConstraint(fields=("line", "lookup"), name="an_order_is_once_in_a_lookup"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("at__isnull", False), models.Q(("found__isnull", True), ("verdict", "")), _connector="OR"
                        ),
                        name="nothing_is_known_before_asking",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="orderline",
            name="snapshot",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="cancellations.ordersnapshot",
            ),
        ),
        migrations.CreateModel(
            name="PageTimes",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("page", models.CharField(max_length=60)),
                ("at_most", models.CharField(max_length=4)),
                ("answers", models.PositiveBigIntegerField()),
                ("seconds", models.FloatField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("page", "at_most"), name="one_row_for_a_page_and_limit")
                ],
            },
        ),
        migrations.CreateModel(
            name="RestoredCopy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("copied_at", models.DateTimeField(null=True)),
                ("anchor", models.BigIntegerField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed_at__isnull", True), ("confirmed_by__isnull", True)),
                            models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="who_confirmed_the_restore_and_when",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedFilter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("history", "History"), ("requests", "Requests")], max_length=10)),
                ("name", models.CharField(max_length=60)),
                ("query", models.TextField()),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(fields=("person", "kind", "name"), name="a_name_is_one_filter_of_a_person")
                ],
            },
        ),
        migrations.CreateModel(
            name="Shop",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="Name")),
                ("sid", models.CharField(max_length=64, verbose_name="seller account (sid)")),
                ("environment", models.CharField(max_length=32, verbose_name="Environment")),
                ("is_active", models.BooleanField(default=True, verbose_name="Active")),
                (
                    "orders_per_call",
                    models.PositiveSmallIntegerField(
                        default=20,
                        help_text="The ERP limit is undocumented; 20 is safe.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(500),
                        ],
                        verbose_name="Orders per call",
                    ),
                ),
                (
                    "seconds_between_calls",
                    models.DecimalField(
                        decimal_places=2,
                        default="1.10",
                        help_text="The ERP allows about 60 calls a minute.",
                        max_digits=5,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="Seconds between calls",
                    ),
                ),
                (
                    "lookup_limit",
                    models.PositiveSmallIntegerField(
                        default=500,
                        help_text="Longer lists are sampled before approval. 0 turns the lookup off.",
                        verbose_name="Maximum orders looked up",
                    ),
                ),
                (
                    "order_shapes",
                    models.TextField(
                        blank=True,
                        default="",
                        help_text="One per line, with # for each digit: CG############. Numbers of other shapes are then taken from a list only if a person says so. Leave it empty to learn the shapes from what the ERP shows.",
                        max_length=1000,
                        verbose_name="Shapes of the order numbers",
                    ),
                ),
                ("send_from", models.TimeField(blank=True, null=True, verbose_name="Send from")),
                (
                    "send_until",
                    models.TimeField(
                        blank=True,
                        help_text="Working hours in Beijing time. Enter both or neither. May span midnight.",
                        null=True,
                        verbose_name="Send until",
                    ),
                ),
                ("paused_at", models.DateTimeField(null=True)),
                ("pause_note", models.CharField(default="", max_length=500)),
                ("members", models.ManyToManyField(related_name="shops", to=settings.AUTH_USER_MODEL)),
                (
                    "paused_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "seller account",
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(fields=("environment", "sid"), name="a_seller_account_is_one_shop"),
                    models.CheckConstraint(
                        condition=models.Q(("orders_per_call__gte", 1), ("orders_per_call__lte", 500)),
                        name="a_call_carries_1_to_500_orders",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("seconds_between_calls__gte", 0)), name="the_pace_is_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("send_from__isnull", True), ("send_until__isnull", True)),
                            models.Q(("send_from__isnull", False), ("send_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="working_hours_have_two_ends",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("paused_at__isnull", True), ("paused_by__isnull", True)),
                            models.Q(("paused_at__isnull", False), ("paused_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="who_paused_the_account_and_when_or_neither",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="orderline",
            name="shop",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cancellations.shop"
            ),
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("waiting", "A request waits for your decision"),
                            ("expires_soon", "A request expires soon"),
                            ("reminder", "The requester asks for a decision"),
                            ("decided", "Your request was decided on"),
                            ("withdrawn", "A request that you had to do with was withdrawn"),
                            ("expired", "A request expired without a decision"),
                            ("over", "A request has ended, with its outcomes"),
                            ("to_settle", "Orders have to be settled manually"),
                            ("stuck", "A request or a seller account is paused"),
                            ("nobody", "Nobody can decide on a request"),
                            ("access", "Access was given, changed or recovered"),
                            ("export", "An export is ready, or failed"),
                            ("audit", "The audit trail is not in order"),
                            ("worker", "A worker is silent"),
                            ("channel_off", "A group robot was switched off"),
                            ("machine", "A machine needs attention"),
                            ("webhook_off", "A webhook was switched off"),
                            ("summary", "Daily summary of what waits for you"),
                        ],
                        max_length=12,
                    ),
                ),
                ("key", models.CharField(max_length=60)),
                ("at", models.DateTimeField()),
                ("about", models.JSONField(default=dict)),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("due", "to be delivered"),
                            ("sent", "delivered"),
                            ("page_only", "on the page only"),
                            ("stale", "overtaken before the delivery"),
                            ("refused", "refused by the channel"),
                            ("given_up", "given up after a day"),
                        ],
                        default="due",
                        max_length=9,
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("claimed_by", models.CharField(default="", max_length=36)),
                ("claimed_until", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("code", models.CharField(default="", max_length=32)),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "cancellation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="cancellations.cancellationrequest",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cancellations.event",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "robot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="cancellations.grouprobot",
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cancellations.shop",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(condition=models.Q(("state", "due")), fields=["due_at"], name="notices_that_are_due"),
                    models.Index(fields=["person", "-id"], name="notices_of_a_person"),
                    models.Index(
                        condition=models.Q(("read_at__isnull", True)), fields=["person"], name="unread_notices"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "key", "person"), name="a_person_is_told_once"),
                    models.UniqueConstraint(fields=("kind", "key", "robot"), name="a_group_is_told_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("person__isnull", False), models.Q(("robot__isnull", False), _negated=True)),
                            models.Q(models.Q(("person__isnull", False), _negated=True), ("robot__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_notice_is_for_a_person_or_a_group",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sent_at__isnull", True), ("state", "sent"), _connector="OR"),
                        name="what_was_delivered_says_so",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MonthlyShares",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "operation",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Cancel"), (1, "Stop waiting"), (2, "WMS stop waiting")]
                    ),
                ),
                (
                    "trait",
                    models.CharField(
                        choices=[
                            ("reason", "Reason"),
                            ("supplier", "Supplier"),
                            ("warehouse", "Warehouse"),
                            ("purchaser", "Purchaser"),
                        ],
                        max_length=9,
                    ),
                ),
                ("value", models.CharField(default="", max_length=100)),
                ("orders", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0)),
                ("amount_done", models.BigIntegerField(default=0)),
                ("amount_not_done", models.BigIntegerField(default=0)),
                ("month", models.DateField()),
                (
                    "requester",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cancellations.shop",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("trait", "month", "shop", "operation", "requester", "value"),
                        name="one_share_of_a_value_a_month",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MonthlyRefusals",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "operation",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Cancel"), (1, "Stop waiting"), (2, "WMS stop waiting")]
                    ),
                ),
                (
                    "known_by",
                    models.CharField(
                        choices=[
                            ("", ""),
                            ("reported", "reported by the ERP"),
                            ("verified", "verified with the ERP"),
                            ("by_hand", "recorded manually"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("", ""),
                            ("unnamed", "Other orders of the same call failed; this order was not named among them."),
                            ("no_answer", "No usable response arrived; the ERP may have executed the call."),
                            ("interrupted", "The sender was interrupted during the call."),
                            ("unclear", "The ERP response does not state the outcome of this order."),
                            ("not_visible", "Verification: the order was not found in the ERP."),
                            (
                                "not_provable",
                                "Verification: the ERP data neither confirms nor rules out the operation.",
                            ),
                            ("may_not_ask", "The app key has no permission to query orders."),
                            ("not_carried_out", "Verification: the order is unchanged in the ERP."),
                            ("contradicted", "The ERP reported success, but its data shows otherwise."),
                            ("refusal_wrong", "The ERP reported a failure, but its data shows the order as done."),
                            (
                                "unchecked",
                                "The ERP un-checked the order, but did not cancel it. It is now being edited.",
                            ),
                            (
                                "already",
                                "The order was cancelled or stopped before this request, which changed nothing.",
                            ),
                            ("perhaps_before", "The order is cancelled or stopped, perhaps since before this request."),
                            (
                                "asked_in_vain",
                                "Verification: the ERP gave no usable response, however often it was asked.",
                            ),
                        ],
                        default="",
                        max_length=16,
                    ),
                ),
                ("words", models.CharField(default="", max_length=200)),
                ("orders", models.PositiveIntegerField()),
                ("month", models.DateField()),
                (
                    "requester",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cancellations.shop",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("month", "shop", "operation", "requester", "known_by", "why", "words"),
                        name="a_reason_for_refusal_once_a_month",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MonthlyFigures",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "operation",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Cancel"), (1, "Stop waiting"), (2, "WMS stop waiting")]
                    ),
                ),
                ("requests_finished", models.PositiveIntegerField(default=0)),
                ("requests_in_progress", models.PositiveIntegerField(default=0)),
                ("requests_awaiting", models.PositiveIntegerField(default=0)),
                ("requests_rejected", models.PositiveIntegerField(default=0)),
                ("requests_stopped", models.PositiveIntegerField(default=0)),
                ("requests_withdrawn", models.PositiveIntegerField(default=0)),
                ("requests_expired", models.PositiveIntegerField(default=0)),
                ("orders_done_reported", models.PositiveIntegerField(default=0)),
                ("orders_done_verified", models.PositiveIntegerField(default=0)),
                ("orders_done_by_hand", models.PositiveIntegerField(default=0)),
                ("orders_refused_reported", models.PositiveIntegerField(default=0)),
                ("orders_refused_verified", models.PositiveIntegerField(default=0)),
                ("orders_refused_by_hand", models.PositiveIntegerField(default=0)),
                ("orders_unknown", models.PositiveIntegerField(default=0)),
                ("orders_skipped", models.PositiveIntegerField(default=0)),
                ("orders_open", models.PositiveIntegerField(default=0)),
                ("decided", models.PositiveIntegerField(default=0)),
                ("decided_seconds", models.PositiveBigIntegerField(default=0)),
                ("decided_in_5_minutes", models.PositiveIntegerField(default=0)),
                ("decided_in_15_minutes", models.PositiveIntegerField(default=0)),
                ("decided_in_1_hour", models.PositiveIntegerField(default=0)),
                ("decided_in_4_hours", models.PositiveIntegerField(default=0)),
                ("decided_in_1_day", models.PositiveIntegerField(default=0)),
                ("ended", models.PositiveIntegerField(default=0)),
                ("ended_seconds", models.PositiveBigIntegerField(default=0)),
                ("ended_in_5_minutes", models.PositiveIntegerField(default=0)),
                ("ended_in_15_minutes", models.PositiveIntegerField(default=0)),
                ("ended_in_1_hour", models.PositiveIntegerField(default=0)),
                ("ended_in_4_hours", models.PositiveIntegerField(default=0)),
                ("ended_in_1_day", models.PositiveIntegerField(default=0)),
                ("orders_before", models.PositiveIntegerField(default=0)),
                ("calls_sent", models.PositiveIntegerField(default=0)),
                ("calls_settled", models.PositiveIntegerField(default=0)),
                ("calls_looked_up", models.PositiveIntegerField(default=0)),
                ("amount_done", models.BigIntegerField(default=0)),
                ("amount_not_done", models.BigIntegerField(default=0)),
                ("month", models.DateField()),
                (
                    "requester",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cancellations.shop",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("month", "shop", "operation", "requester"), name="one_row_of_figures_a_month"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="lookup",
            name="shop",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lookups",
                to="cancellations.shop",
            ),
        ),
        migrations.CreateModel(
            name="KnownName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("supplier", "Supplier"), ("warehouse", "Warehouse"), ("purchaser", "Purchaser")],
                        max_length=9,
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                (
                    "shop",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="cancellations.shop",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("shop", "kind", "name"), name="a_name_is_known_once")],
            },
        ),
        migrations.AddField(
            model_name="grouprobot",
            name="shop",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="robots", to="cancellations.shop"
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="shop",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="events", to="cancellations.shop"
            ),
        ),
        migrations.CreateModel(
            name="DailyShares",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "operation",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Cancel"), (1, "Stop waiting"), (2, "WMS stop waiting")]
                    ),
                ),
                (
                    "trait",
                    models.CharField(
                        choices=[
                            ("reason", "Reason"),
                            ("supplier", "Supplier"),
                            ("warehouse", "Warehouse"),
                            ("purchaser", "Purchaser"),
                        ],
                        max_length=9,
                    ),
                ),
                ("value", models.CharField(default="", max_length=100)),
                ("orders", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0)),
                ("amount_done", models.BigIntegerField(default=0)),
                ("amount_not_done", models.BigIntegerField(default=0)),
                ("day", models.DateField()),
                (
                    "requester",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cancellations.shop",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("trait", "day", "shop", "operation", "requester", "value"),
                        name="one_share_of_a_value_a_day",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyRefusals",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "operation",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Cancel"), (1, "Stop waiting"), (2, "WMS stop waiting")]
                    ),
                ),
                (
                    "known_by",
                    models.CharField(
                        choices=[
                            ("", ""),
                            ("reported", "reported by the ERP"),
                            ("verified", "verified with the ERP"),
                            ("by_hand", "recorded manually"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("", ""),
                            ("unnamed", "Other orders of the same call failed; this order was not named among them."),
                            ("no_answer", "No usable response arrived; the ERP may have executed the call."),
                            ("interrupted", "The sender was interrupted during the call."),
                            ("unclear", "The ERP response does not state the outcome of this order."),
                            ("not_visible", "Verification: the order was not found in the ERP."),
                            (
                                "not_provable",
                                "Verification: the ERP data neither confirms nor rules out the operation.",
                            ),
                            ("may_not_ask", "The app key has no permission to query orders."),
                            ("not_carried_out", "Verification: the order is unchanged in the ERP."),
                            ("contradicted", "The ERP reported success, but its data shows otherwise."),
                            ("refusal_wrong", "The ERP reported a failure, but its data shows the order as done."),
                            (
                                "unchecked",
                                "The ERP un-checked the order, but did not cancel it. It is now being edited.",
                            ),
                            (
                                "already",
                                "The order was cancelled or stopped before this request, which changed nothing.",
                            ),
                            ("perhaps_before", "The order is cancelled or stopped, perhaps since before this request."),
                            (
                                "asked_in_vain",
                                "Verification: the ERP gave no usable response, however often it was asked.",
                            ),
                        ],
                        default="",
                        max_length=16,
                    ),
                ),
                ("words", models.CharField(default="", max_length=200)),
                ("orders", models.PositiveIntegerField()),
                ("day", models.DateField()),
                (
                    "requester",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cancellations.shop",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "shop", "operation", "requester", "known_by", "why", "words"),
                        name="a_reason_for_refusal_once_a_day",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyFigures",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "operation",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Cancel"), (1, "Stop waiting"), (2, "WMS stop waiting")]
                    ),
                ),
                ("requests_finished", models.PositiveIntegerField(default=0)),
                ("requests_in_progress", models.PositiveIntegerField(default=0)),
                ("requests_awaiting", models.PositiveIntegerField(default=0)),
                ("requests_rejected", models.PositiveIntegerField(default=0)),
                ("requests_stopped", models.PositiveIntegerField(default=0)),
                ("requests_withdrawn", models.PositiveIntegerField(default=0)),
                ("requests_expired", models.PositiveIntegerField(default=0)),
                ("orders_done_reported", models.PositiveIntegerField(default=0)),
                ("orders_done_verified", models.PositiveIntegerField(default=0)),
                ("orders_done_by_hand", models.PositiveIntegerField(default=0)),
                ("orders_refused_reported", models.PositiveIntegerField(default=0)),
                ("orders_refused_verified", models.PositiveIntegerField(default=0)),
                ("orders_refused_by_hand", models.PositiveIntegerField(default=0)),
                ("orders_unknown", models.PositiveIntegerField(default=0)),
                ("orders_skipped", models.PositiveIntegerField(default=0)),
                ("orders_open", models.PositiveIntegerField(default=0)),
                ("decided", models.PositiveIntegerField(default=0)),
                ("decided_seconds", models.PositiveBigIntegerField(default=0)),
                ("decided_in_5_minutes", models.PositiveIntegerField(default=0)),
                ("decided_in_15_minutes", models.PositiveIntegerField(default=0)),
                ("decided_in_1_hour", models.PositiveIntegerField(default=0)),
                ("decided_in_4_hours", models.PositiveIntegerField(default=0)),
                ("decided_in_1_day", models.PositiveIntegerField(default=0)),
                ("ended", models.PositiveIntegerField(default=0)),
                ("ended_seconds", models.PositiveBigIntegerField(default=0)),
                ("ended_in_5_minutes", models.PositiveIntegerField(default=0)),
                ("ended_in_15_minutes", models.PositiveIntegerField(default=0)),
                ("ended_in_1_hour", models.PositiveIntegerField(default=0)),
                ("ended_in_4_hours", models.PositiveIntegerField(default=0)),
                ("ended_in_1_day", models.PositiveIntegerField(default=0)),
                ("orders_before", models.PositiveIntegerField(default=0)),
                ("calls_sent", models.PositiveIntegerField(default=0)),
                ("calls_settled", models.PositiveIntegerField(default=0)),
                ("calls_looked_up", models.PositiveIntegerField(default=0)),
                ("amount_done", models.BigIntegerField(default=0)),
                ("amount_not_done", models.BigIntegerField(default=0)),
                ("day", models.DateField()),
                ("week", models.DateField()),
                ("month", models.DateField()),
                (
                    "requester",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cancellations.shop",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "shop", "operation", "requester"), name="one_row_of_figures_a_day"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="credential",
            name="shop",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="credentials", to="cancellations.shop"
            ),
        ),
        migrations.AddField(
            model_name="cancellationrequest",
            name="shop",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cancellations",
                to="cancellations.shop",
            ),
        ),
        migrations.CreateModel(
            name="AccessChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("roles", "roles"),
                            ("shops", "seller accounts"),
                            ("details", "username"),
                            ("link", "one-time link for a new password"),
                            ("factor", "removal of the second factor"),
                            ("identity", "new link to the company account"),
                            ("machine", "what a machine may do"),
                            ("reactivation", "reactivation"),
                        ],
                        max_length=12,
                    ),
                ),
                ("data", models.JSONField(default=dict)),
                ("asked_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting for confirmation"),
                            ("confirmed", "confirmed, not used yet"),
                            ("done", "carried out"),
                            ("refused", "refused"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("confirmed", models.JSONField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="access_changes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("shops", models.ManyToManyField(related_name="+", to="cancellations.shop")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting"), models.Q(("kind", "shops"), _negated=True)),
                        fields=("person", "kind"),
                        name="one_change_of_a_kind_waits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting", "refused", "withdrawn"]),
                            ("confirmed__isnull", False),
                            _connector="OR",
                        ),
                        name="a_change_is_confirmed_before_it_is_done",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("asked_by", models.F("person")), _negated=True),
                        name="nobody_asks_for_themselves",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("token", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200)),
                ("content", models.BinaryField()),
                ("brought_at", models.DateTimeField(db_index=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Usage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("work", models.CharField(max_length=16)),
                ("hour", models.DateTimeField()),
                ("count", models.PositiveIntegerField(default=0)),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("person", "work", "hour"), name="one_count_for_an_hour")
                ],
            },
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, verbose_name="Name")),
                ("url", models.CharField(max_length=500, verbose_name="Address")),
                ("kinds", models.JSONField(default=list)),
                ("secret", cancellations.models.secrets.EncryptedSecretField()),
                ("old_secret", cancellations.models.secrets.EncryptedSecretField(null=True)),
                ("old_until", models.DateTimeField(null=True)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "off_why",
                    models.CharField(
                        choices=[
                            ("gone", "The address answered 410: it wants no more messages."),
                            ("failing", "No message got through for 24 hours."),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                ("off_at", models.DateTimeField(null=True)),
                ("failing_since", models.DateTimeField(null=True)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("rests_until", models.DateTimeField(null=True)),
                (
                    "shop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="webhooks", to="cancellations.shop"
                    ),
                ),
            ],
            options={
                "ordering": ["shop", "name"],
                "constraints": [
                    models.UniqueConstraint(fields=("shop", "name"), name="a_webhook_of_an_account_has_its_own_name"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("off_why", ""), models.Q(("is_active", False), ("off_at__isnull", False)), _connector="OR"
                        ),
                        name="a_webhook_that_was_switched_off_is_off",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("old_secret__isnull", True), ("old_until__isnull", True)),
                            models.Q(("old_secret__isnull", False), ("old_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="an_old_secret_has_an_end",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("request.submitted", "A request was submitted"),
                            ("request.approved", "A request was approved"),
                            ("request.rejected", "A request was rejected"),
                            ("request.withdrawn", "A request was withdrawn after its submission"),
                            ("request.expired", "A request expired without a decision"),
                            ("request.paused", "Sending was paused"),
                            ("request.stopped", "A request was stopped"),
                            ("request.finished", "A request has finished"),
                            ("order.settled", "Outcomes of orders became known, or were corrected"),
                            ("test", "Test"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("body", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[("due", "to be delivered"), ("sent", "delivered"), ("failed", "given up")],
                        default="due",
                        max_length=6,
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("claimed_by", models.CharField(default="", max_length=36)),
                ("claimed_until", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("meaning", models.CharField(default="", max_length=16)),
                ("http_status", models.PositiveSmallIntegerField(null=True)),
                ("milliseconds", models.PositiveIntegerField(null=True)),
                ("answer", models.TextField(default="")),
                ("tried_at", models.DateTimeField(null=True)),
                (
                    "cancellation",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cancellations.cancellationrequest",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cancellations.event",
                    ),
                ),
                (
                    "webhook",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="cancellations.webhook",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "due")),
                        fields=["webhook", "due_at"],
                        name="deliveries_that_are_due",
                    ),
                    models.Index(fields=["webhook", "-id"], name="newest_of_a_webhook"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("webhook", "event"), name="a_webhook_is_told_of_an_event_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Machine",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="machine",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("may_request", models.BooleanField(default=False, verbose_name="May make requests")),
                ("networks", models.TextField(max_length=1000, verbose_name="Allowed networks")),
                ("requests_per_day", models.PositiveIntegerField(default=50, verbose_name="Requests per day")),
                ("orders_per_day", models.PositiveIntegerField(default=10000, verbose_name="Orders per day")),
                (
                    "amount_per_day",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="Amount per day (¥)"
                    ),
                ),
                (
                    "responsible",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="machines",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("responsible", models.F("person")), _negated=True),
                        name="a_person_answers_for_a_machine",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=12, unique=True)),
                ("digest", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("last_used_at", models.DateTimeField(null=True)),
                ("last_address", models.GenericIPAddressField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "machine",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tokens", to="cancellations.machine"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="ApiAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=255)),
                ("asked", models.CharField(max_length=64)),
                ("http_status", models.PositiveSmallIntegerField(default=0)),
                ("location", models.CharField(default="", max_length=200)),
                ("body", models.TextField(default="")),
                ("at", models.DateTimeField(db_index=True)),
                (
                    "machine",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="cancellations.machine",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("machine", "key"), name="a_key_is_answered_once")],
            },
        ),
        migrations.CreateModel(
            name="NoticeSettings",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="notice_settings",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("language", models.CharField(default="zh-hans", max_length=10)),
                ("not_by_mail", models.JSONField(default=list)),
                ("muted_until", models.DateTimeField(null=True)),
                ("quiet_from", models.TimeField(null=True)),
                ("quiet_until", models.TimeField(null=True)),
                ("summary_at", models.TimeField(null=True)),
                ("away_from", models.DateField(null=True)),
                ("away_until", models.DateField(null=True)),
                ("wecom_id", models.CharField(default="", max_length=64)),
                ("dingtalk_id", models.CharField(default="", max_length=64)),
                ("feishu_id", models.CharField(default="", max_length=64)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("quiet_from__isnull", True), ("quiet_until__isnull", True)),
                            models.Q(("quiet_from__isnull", False), ("quiet_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="quiet_hours_have_two_ends",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("away_from__isnull", True), ("away_until__isnull", True)),
                            ("away_until__gte", models.F("away_from")),
                            _connector="OR",
                        ),
                        name="an_absence_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(
                condition=models.Q(("snapshot__isnull", False)), fields=["snapshot"], name="lines_by_snapshot"
            ),
        ),
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(
                condition=models.Q(("settle_at__isnull", False)), fields=["shop", "settle_at"], name="lines_to_settle"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.UniqueConstraint(
                models.F("shop"),
                models.F("operation"),
                django.db.models.functions.text.Upper("order_no"),
                condition=models.Q(("outcome__in", ["WAITING", "SENDING"])),
                name="an_order_is_open_in_one_request",
            ),
        ),
        migrations.AddIndex(
            model_name="lookup",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)), fields=["shop"], name="open_lookups_of_a_shop"
            ),
        ),
        migrations.AddConstraint(
            model_name="grouprobot",
            constraint=models.UniqueConstraint(fields=("shop", "name"), name="a_robot_of_an_account_has_its_own_name"),
        ),
        migrations.AddConstraint(
            model_name="credential",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_active", True)), fields=("shop",), name="a_shop_has_one_active_credential"
            ),
        ),
        migrations.AddIndex(
            model_name="cancellationrequest",
            index=models.Index(fields=["shop", "status", "-id"], name="awaiting_and_running_of_a_shop"),
        ),
        migrations.AddIndex(
            model_name="cancellationrequest",
            index=models.Index(fields=["shop", "-id"], name="newest_of_a_shop"),
        ),
        migrations.RunPython(make_roles),
        migrations.RunPython(make_calendar),
        migrations.RunPython(create_triggers),
    ]
