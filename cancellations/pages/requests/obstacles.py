"""Why nothing would be called for a seller account now: said before anybody writes, submits or approves."""

from collections.abc import Iterable

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cancellations.models import Credential, Shop
from cancellations.sending import heartbeat
from cancellations.templatetags.foreign import bdi


def obstacles(shops: Iterable[Shop]) -> list[SafeString]:
    """One sentence for each obstacle of these seller accounts; none where requests are sent at once."""
    shops = list(shops)
    usable = set(Credential.objects.filter(shop__in=shops, is_active=True).values_list("shop", flat=True))
    now, found = timezone.now(), []
    for shop in shops:
        name, opens = bdi(shop.name), shop.opens_at(now)
        if not shop.is_active:
            found.append(format_html(_("{shop} is switched off: nothing is sent for it."), shop=name))
        elif shop.pk not in usable:
            sentence = _("{shop} has no active credential: nothing can be looked up or sent for it.")
            found.append(format_html(sentence, shop=name))
        elif shop.paused_at:
            when = f"{timezone.localtime(shop.paused_at):%Y-%m-%d %H:%M}"
            sentence = _("{who} has paused {shop} since {when}: requests wait until it is resumed.")
            found.append(format_html(sentence, who=bdi(str(shop.paused_by)), shop=name, when=when))
        elif opens > now:
            when = f"{timezone.localtime(opens):%Y-%m-%d %H:%M}"
            sentence = _("{shop} is outside its working hours: sending begins at {when}.")
            found.append(format_html(sentence, shop=name, when=when))
    if heartbeat.no_worker_is_alive():
        found.append(SafeString(_("No worker is running: nothing is looked up, sent or verified.")))
    return found
