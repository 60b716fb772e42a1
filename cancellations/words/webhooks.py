"""What became of the messages of a webhook, and what was changed of it, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from cancellations.models import Webhook, WebhookDelivery
from cancellations.webhooks import Meaning
from cancellations.words.times import to_the_minute

MEANINGS: dict[str, Promise] = {
    Meaning.TAKEN: gettext_lazy("The address took the message."),
    Meaning.GONE: gettext_lazy("The address wants no more messages."),
    Meaning.REDIRECT: gettext_lazy("The address leads on to another one, which is not followed. Enter the final one."),
    Meaning.SLOW_DOWN: gettext_lazy("The address is busy, or asks to slow down."),
    Meaning.REFUSED: gettext_lazy("The address refused the message."),
    Meaning.NO_CONNECTION: gettext_lazy("No connection: the name is not known, or nobody answers there."),
    Meaning.TLS: gettext_lazy("The certificate of the address is not accepted."),
    Meaning.NO_ANSWER: gettext_lazy("No usable answer came within 15 seconds."),
    Meaning.ADDRESS_REFUSED: gettext_lazy(
        "The address leads into a network that WEBHOOK_PRIVATE_NETWORKS does not list. Nothing was sent."
    ),
    "secret": gettext_lazy("The stored secret cannot be decrypted: CREDENTIAL_KEYS lacks its key. Nothing was sent."),
}


def answered(delivery: WebhookDelivery) -> str:
    """What the last attempt came to, with the HTTP status; '' if there was none."""
    if not delivery.meaning:
        return ""
    sentence = str(MEANINGS[delivery.meaning])
    return f"{sentence} (HTTP {delivery.http_status})" if delivery.http_status else sentence


def change(data: Mapping[str, Any]) -> list[str]:
    """What an event about a webhook says below its kind."""
    lines = [data["webhook"]]
    if "url" in data:
        kinds = pgettext("list", ", ").join(str(Webhook.Kind(kind).label) for kind in data["kinds"])
        lines += [data["url"], kinds]
    if "on" in data:
        lines.append(pgettext("webhook", "On") if data["on"] else pgettext("webhook", "Off"))
    if data.get("why"):
        lines.append(str(Webhook.Off(data["why"]).label))
    if data.get("old_until"):
        lines.append(_("The old secret signs beside it until %(when)s.") % {"when": to_the_minute(data["old_until"])})
    return lines
