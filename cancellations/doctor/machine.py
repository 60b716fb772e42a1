"""The machine that this process runs on: room on the disks, and folders that can be written.

Whether others can read the files the system checks say.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from cancellations.doctor.findings import Finding, State

TOO_LITTLE, LITTLE = 100 * 10**6, 2 * 10**9  # bytes; an export of 1,000,000 orders takes 2 GB of TMPDIR


def disk_has_room() -> Iterator[Finding]:
    """The room of each disk that is written to."""
    for folder in {folder.stat().st_dev: folder for folder in _folders()}.values():
        free = shutil.disk_usage(folder).free
        sentence = _("%(free)s GB are free at %(folder)s.") % {"free": f"{free / 1e9:.1f}", "folder": folder}
        if free >= LITTLE:
            yield Finding(State.FINE, sentence)
        else:
            state = State.WRONG if free < TOO_LITTLE else State.WARNING
            yield Finding(state, sentence, _("Make room: without it nothing can be submitted or sent."))


def files_can_be_written() -> Iterator[Finding]:
    """The folders of the database and of the anchors belong to the user who asks."""
    closed = [folder for folder in _folders() if not os.access(folder, os.W_OK | os.X_OK)]
    for folder in closed:
        yield Finding(
            State.WRONG,
            _("This user cannot write into %(folder)s.") % {"folder": folder},
            _("Ask as the user that runs the application, or give the folder to them."),
        )
    if not closed:
        yield Finding(State.FINE, _("The folders of the database and of temporary files can be written."))


def _folders() -> list[Path]:
    database = settings.DATABASES["default"]
    names = [tempfile.gettempdir()]
    if database["ENGINE"].endswith("sqlite3"):
        names.append(os.path.dirname(os.path.abspath(database["NAME"])))
    if settings.AUDIT_ANCHOR_FILE:
        names.append(os.path.dirname(os.path.abspath(settings.AUDIT_ANCHOR_FILE)))
    folders = [Path(name) for name in dict.fromkeys(names)]
    return [next(parent for parent in (folder, *folder.parents) if parent.exists()) for folder in folders]
