"""What a caller does about each problem; for the page and for docs/api.md."""

from django.utils.translation import gettext_lazy as _

_MEND = _("Correct the call. Repeating it as it is gives the same answer.")
_TOMORROW = _("Wait until the next day (Beijing time), or ask an administrator for a larger share.")
_ADMINISTRATOR = _("Tell an administrator: the call is right, and the setting is not.")
ADVICE = {
    "unauthorized": _("Check the token: revoked, expired, or mistyped. Do not retry without a change."),
    "address_not_allowed": _ADMINISTRATOR,
    "machine_inactive": _ADMINISTRATOR,
    "machine_reads_only": _ADMINISTRATOR,
    "nobody_answers": _ADMINISTRATOR,
    "not_allowed": _("A machine changes only what it asked for itself, and decides nothing."),
    "not_found": _("Check the number and the seller account. Ask an administrator if both are right."),
    "method_not_allowed": _MEND,
    "not_json": _MEND,
    "bad_request": _MEND,
    "too_large": _("Split the list and send each part under an external_id of its own."),
    "invalid": _("Read `errors`: each entry says where, and what was expected."),
    "orders_refused": _("Read `errors`, correct or leave out those entries, and send the list again."),
    "too_many_orders": _("Split the list and send each part under an external_id of its own."),
    "no_orders": _MEND,
    "reason_missing": _MEND,
    "wanted_too_early": _MEND,
    "option_not_for_operation": _MEND,
    "idempotency_key_missing": _MEND,
    "idempotency_key_reused": _("Use a new key for a new wish, and the same key only for its repetition."),
    "external_id_taken": _("Read the request that `instance` names, and give the new list an external_id of its own."),
    "orders_open_elsewhere": _("Leave out the orders in `errors`, or wait for the requests that they name."),
    "shop_inactive": _ADMINISTRATOR,
    "no_credential": _ADMINISTRATOR,
    "moved_on": _("Read the request: somebody else was faster. Nothing was changed by this call."),
    "stop_note_missing": _MEND,
    "amount_not_known": _("Repeat after Retry-After: the ERP is still being asked for the amounts."),
    "daily_requests_used_up": _TOMORROW,
    "daily_orders_used_up": _TOMORROW,
    "daily_amount_used_up": _TOMORROW,
    "too_often": _("Repeat after Retry-After."),
    "too_many_calls": _("Repeat after Retry-After, and call less often."),
    "in_maintenance": _("Repeat with the same Idempotency-Key after Retry-After. Reading goes on meanwhile."),
    "server_error": _("Repeat with the same Idempotency-Key. If it stays, report request_id to the operator."),
    "unavailable": _("Repeat with the same Idempotency-Key after Retry-After."),
}
