"""The four roles as groups, and the triggers that keep the history as it was written."""

from django.db import migrations

from cancellations.models import guards

ROLES = ("clerk", "manager", "auditor", "administrator")


def make_roles(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    for name in ROLES:
        group.objects.get_or_create(name=name)


def install_guards(apps, schema_editor):
    guards.install(schema_editor.connection)


def remove_guards(apps, schema_editor):
    guards.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("cancellations", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [
        migrations.RunPython(make_roles, migrations.RunPython.noop),
        migrations.RunPython(install_guards, remove_guards),
    ]
