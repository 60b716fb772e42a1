"""All data of the demo: the tables, the cast, and its history in the application and in the stand-in ERP."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from cancellations.wdt.sandbox import Sandbox
from cancellations.wdt.sandbox.orders import made_up
from wdtadmin.demo import cast, chats, history
from wdtadmin.demo.clock import Clock
from wdtadmin.demo.folder import ERP_ORDERS, MACHINE_FILE
from wdtadmin.demo.world import World


def complete(folder: Path) -> None:
    """Makes in the folder what is missing. Raises NotTheDemos on any database but the demo's own."""
    cast.check_database()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if not cast.is_made():
        make(folder / "erp.json", timezone.now())


def make(state: Any, now: datetime) -> None:
    """The cast and two months of history before `now`; the ERP's orders go into the file `state`.

    All or nothing: whoever ends the first start half-way starts anew.
    """
    clock = Clock(history.begins(now))
    with Sandbox(accounts=cast.accounts()) as erp, transaction.atomic():
        erp.api.clock = clock.timestamp
        with patch.dict(settings.ERP_ADDRESSES, demo=erp.address):
            with clock.counts():
                made = cast.make()
                chats.add(made)
            history.make(World(made.people, made.shops, erp, clock), now)
        chats.has_said_everything_before(now)
        chats.add_webhook(made)
        erp.api.book.add(made_up(ERP_ORDERS, seed=1, now=now.timestamp()))
        token = state.with_name(MACHINE_FILE)
        token.touch(mode=0o600)
        token.write_text(made.token)
        state.write_text(json.dumps(erp.api.book.dump(), ensure_ascii=False))
