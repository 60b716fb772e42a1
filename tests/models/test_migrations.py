"""A migration that says by its name that it only adds, does: the version before goes on with what it leaves."""

import pytest
from django.db import models
from django.db.migrations import AddField, AddIndex, CreateModel, RemoveField
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED

from cancellations.schema import EXPANDS


def does_more_than_add(operations):
    """The operations after which the version before could not read, or not write, as it does."""
    return [
        operation
        for operation in operations
        if not isinstance(operation, AddIndex | CreateModel)
        and not (isinstance(operation, AddField) and (operation.field.null or has_default(operation.field)))
    ]


def has_default(field):
    return field.many_to_many or field.db_default is not NOT_PROVIDED


def test_what_is_called_an_expansion_only_adds():
    ours = {name: one for (app, name), one in MigrationLoader(None).disk_migrations.items() if app == "cancellations"}
    assert "0001_initial" in ours
    expansions = {name: one for name, one in ours.items() if EXPANDS in name}
    assert not [name for name, one in expansions.items() if does_more_than_add(one.operations)]


@pytest.mark.parametrize(
    ("operation", "is_an_addition"),
    [
        (AddField("shop", "x", models.CharField(null=True)), True),
        (AddField("shop", "x", models.CharField(db_default="")), True),
        (AddField("shop", "x", models.CharField(default="")), False),
        (AddIndex("shop", models.Index(fields=["name"], name="x")), True),
        (RemoveField("shop", "x"), False),
    ],
)
def test_an_addition_is_what_the_version_before_can_ignore(operation, is_an_addition):
    assert (does_more_than_add([operation]) == []) is is_an_addition
