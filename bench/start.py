"""What the measurements of sending share: the settings of production, a database of their own, people and a shop."""

import os
import uuid


def start_django(folder, **environment):
    """The settings of production, on DATABASE_URL or else on SQLite in the folder."""
    from cryptography.fernet import Fernet

    from wdtadmin.variables import defaults

    os.environ["DJANGO_SETTINGS_MODULE"] = "wdtadmin.settings"
    os.environ.update(
        defaults()
        | {
            "SECRET_KEY": "bench" * 12,
            "CREDENTIAL_KEYS": Fernet.generate_key().decode(),
            "AUDIT_KEYS": "bench" * 12,
            "DATABASE_URL": os.environ.get("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3"),
            "PLAIN_HTTP": "true",
            "ERP_PRIVATE_NETWORKS": "127.0.0.0/8",
            "LOG_LEVEL": "WARNING",
            "APPROVAL_HOLD_SECONDS": "0",
        }
        | environment
    )
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def two_people():
    """A clerk and a manager."""
    from django.contrib.auth.models import Group

    from cancellations.models import Person

    people = [Person.objects.create_user(f"{role}-{uuid.uuid4().hex[:8]}") for role in ("clerk", "manager")]
    for person in people:
        person.groups.set(Group.objects.filter(name=person.username.partition("-")[0]))
    return people


def orders_in_the_erp(control, prefix, count, **fields):
    order_nos = [f"CG{prefix}-{number:06}" for number in range(count)]
    control.add([{"purchase_no": number, **fields} for number in order_nos])
    return order_nos
