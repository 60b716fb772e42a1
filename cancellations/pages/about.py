"""Which version of the application runs, on what, and what changed in it: what administrators are asked for."""

import platform

import django
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cancellations.workflow import permissions
from wdtadmin import version
from wdtadmin.variables import BASE_DIR


def about(request: HttpRequest) -> HttpResponse:
    if not permissions.may(permissions.check_may_manage_shops, request.user):
        raise PermissionDenied
    commit = version.commit()
    context = {
        "version": version.number(),
        "commit": "" if commit == version.UNKNOWN else commit,
        "python": platform.python_version(),
        "django": django.get_version(),
        "database": f"{connection.display_name} {'.'.join(map(str, connection.get_database_version()))}",
        "migrated_at": MigrationRecorder(connection).migration_qs.latest("applied").applied,
        "changes": (BASE_DIR / "CHANGELOG.md").read_text(),
    }
    return render(request, "about.html", context)
