"""Reports of errors to a collector that speaks Sentry's protocol: what kind of error, where, and in which version.

No text of an exception or of the log goes out, because texts quote what they are about; nor does any value, header,
form, cookie or name. An event is made anew of what is known to be harmless, so that nothing that a later version of the
library adds goes with it. The number of the request is in it: the log has the rest.
"""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from cancellations import logs
from wdtadmin import version

KEPT = ("event_id", "timestamp", "platform", "level", "logger", "release")
KEPT_OF_EXCEPTION = ("type", "module")
KEPT_OF_FRAME = ("filename", "function", "module", "lineno", "in_app")


def begin(dsn: str) -> None:
    """Has the errors of this process reported. Raises ImproperlyConfigured without the package, or for a bad DSN."""
    try:
        import sentry_sdk
        from sentry_sdk.integrations.atexit import AtexitIntegration
        from sentry_sdk.integrations.excepthook import ExcepthookIntegration
        from sentry_sdk.integrations.logging import LoggingIntegration
        from sentry_sdk.utils import BadDsn
    except ImportError as error:
        raise ImproperlyConfigured(
            "SENTRY_DSN is set, but sentry-sdk is not installed: pip install sentry-sdk."
        ) from error
    try:
        sentry_sdk.init(
            dsn,
            release=version.shown(),
            before_send=only_what_is_harmless,
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[
                LoggingIntegration(level=None),
                ExcepthookIntegration(),
                AtexitIntegration(callback=lambda pending, timeout: None),  # what is still to be sent is sent
            ],
            max_breadcrumbs=0,
            send_default_pii=False,
            include_local_variables=False,
            include_source_context=False,
            max_request_body_size="never",
            auto_session_tracking=False,
            send_client_reports=False,
        )
    except BadDsn as error:
        raise ImproperlyConfigured("SENTRY_DSN is not the address of a project.") from error


def only_what_is_harmless(event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any] | None:
    """What goes out of an event; nothing where there was no exception: a line of the log is only text."""
    raised = event.get("exception", {}).get("values")
    if not raised:
        return None
    values = []
    for one in raised:
        frames = (one.get("stacktrace") or {}).get("frames", [])
        kept = [{key: frame[key] for key in KEPT_OF_FRAME if key in frame} for frame in frames]
        values.append({key: one[key] for key in KEPT_OF_EXCEPTION if key in one} | {"stacktrace": {"frames": kept}})
    return {key: event[key] for key in KEPT if key in event} | {
        "exception": {"values": values},
        "tags": {"number": logs.number() or "-"},
    }
