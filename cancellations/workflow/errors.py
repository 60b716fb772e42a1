"""What a verb may refuse, each with the sentence that people read."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class WorkflowError(Exception):
    sentence: Promise | str = ""

    def __init__(self, **details: Any) -> None:
        self.details = details
        super().__init__()

    def __str__(self) -> str:
        return str(self.sentence) % self.details


class NotAllowed(WorkflowError):
    sentence = _("You do not have permission to do this.")


class OwnRequest(NotAllowed):
    sentence = _("This is your own request. Someone else has to decide on it.")


class OwnMachine(NotAllowed):
    sentence = _("You answer for the machine “%(machine)s”. Someone else has to decide on its requests.")


class NotApart(NotAllowed):
    """Somebody could have signed in as both: `who` gave or recovered access."""

    sentence = _(
        "%(who)s gave or recovered access here within the last %(days)s days: one of you depends on it, or both. "
        "Somebody else has to decide."
    )


class NotConfirmed(NotAllowed):
    sentence = _("This person may approve or administer: a second administrator has to confirm it first.")


class ChangeWaits(WorkflowError):
    sentence = _("Such a change of this person is waiting for confirmation already.")


class ChangeMovedOn(WorkflowError):
    sentence = _("This change is no longer waiting: %(state)s. Nothing was changed.")


class MovedOn(WorkflowError):
    """The request is not in a state from which the verb leads on; `status` is where it is now."""

    sentence = _("This request has changed in the meantime and is now “%(status)s”. Your action was not applied.")


class ContentChanged(WorkflowError):
    sentence = _("The request differs from what you were shown. Review it again before you decide.")


class ShownChanged(WorkflowError):
    sentence = _(
        "%(examples)s: the database shows something else than the last look-up found. "
        "Query the ERP again, and tell whoever operates this server."
    )


class RobotAddressRefused(WorkflowError):
    sentence = _("This is not the address of a group robot of %(chat)s. Copy it whole from the robot's settings there.")


class RobotNameTaken(WorkflowError):
    sentence = _("This seller account already has a group robot called “%(name)s”.")


class WebhookAddressRefused(WorkflowError):
    sentence = _(
        "This address cannot be used. It has to start with https:// and lead to a public host. http:// and private "
        "addresses are possible only in networks that the server's WEBHOOK_PRIVATE_NETWORKS lists."
    )


class WebhookNameTaken(WorkflowError):
    sentence = _("This seller account already has a webhook called “%(name)s”.")


class TooManyWebhooks(WorkflowError):
    sentence = _("This seller account already has %(limit)s webhooks. Remove one first.")


class WebhookOff(WorkflowError):
    sentence = _("The webhook is switched off. Switch it on first.")


class RemindedLately(WorkflowError):
    sentence = _("You have asked for a decision at %(when)s. You can ask again an hour later.")


class NoteMissing(WorkflowError):
    sentence = _("Enter a reason. The requester will read it.")


class StopNoteMissing(WorkflowError):
    sentence = _("Enter a reason for the stop. It stands in the history.")


class ReasonMissing(WorkflowError):
    sentence = _("Enter a reason. The approver needs it to decide.")


class AlreadyExtended(WorkflowError):
    sentence = _("The deadline of this request was extended before. That is possible once.")


class DayNotKnown(WorkflowError):
    sentence = _("The calendar says nothing of this day. Nothing was changed.")


class ShopHasRequests(WorkflowError):
    sentence = _(
        "This seller account already has requests, so its sid and environment are fixed. Add "
        "another seller account instead."
    )


class NoActiveCredential(WorkflowError):
    sentence = _("The seller account has no active credential to retire.")


class TooOften(WorkflowError):
    sentence = _("You have done this %(count)s times within an hour, which is the limit. Try again at %(when)s.")


class NoOrders(WorkflowError):
    sentence = _("The list contains no purchase order number.")


class TooManyOrders(WorkflowError):
    sentence = _("The list has %(count)s different orders, but a request holds at most %(limit)s. Split the list.")


class ShopNotUsable(WorkflowError):
    pass


class ShopInactive(ShopNotUsable):
    sentence = _("The seller account “%(shop)s” is inactive. An administrator can activate it.")


class NoCredential(ShopNotUsable):
    sentence = _("The seller account “%(shop)s” has no active credential. An administrator has to add one first.")


class OrdersOpenElsewhere(WorkflowError):
    """`orders` in the details is a list of (order number, number of the other request)."""

    sentence = _("%(count)s of these orders are open in another request for the same operation: %(examples)s.")


class NothingToDrop(WorkflowError):
    sentence = _("These orders are no longer in the draft. Nothing was changed.")


class LookupRunning(WorkflowError):
    sentence = _("The orders are already being looked up.")


class NothingIsLookedUp(WorkflowError):
    sentence = _("Order lookup is turned off for the seller account “%(shop)s”. An administrator can turn it on.")


class NothingUnknown(WorkflowError):
    sentence = _("No unknown outcome is left that is not already being verified. Nothing was changed.")


class AccountPaused(WorkflowError):
    sentence = _("The seller account is already paused.")


class AccountNotPaused(WorkflowError):
    sentence = _("The seller account is not paused.")


class OptionNotForOperation(WorkflowError):
    sentence = _("Only “Cancel” can include checked orders. Clear this option, or choose “Cancel”.")


class ShopExists(WorkflowError):
    sentence = _("A seller account with this name, or with this sid in this environment, already exists.")


class SuperuserOnly(NotAllowed):
    sentence = _("This person is a superuser. Only another superuser can change them.")


class OwnAccount(NotAllowed):
    sentence = _("This is your own account. Another administrator has to do it.")


class WorksElsewhere(NotAllowed):
    """What an administrator wants to change counts in all shops of the person, and some are not the administrator's."""

    sentence = _(
        "This person also works for seller accounts you do not manage, and the change would apply "
        "there too. Ask an administrator of all of them, or a superuser."
    )


class LastAdministrator(WorkflowError):
    sentence = _("The seller account “%(shop)s” would be left without an administrator. Assign another one first.")


class UsernameTaken(WorkflowError):
    sentence = _("This username is already taken (case is ignored).")


class NameTaken(WorkflowError):
    sentence = _("Another active person is called so. Add what tells the two apart, such as the department.")


class SuperuserDecidesNothing(WorkflowError):
    sentence = _("A superuser never approves. Give the role to a person of their own.")


class IdentityMissing(WorkflowError):
    sentence = _("This person is not linked to a company account.")


class NothingLeft(WorkflowError):
    sentence = _("A draft keeps at least one order. Discard the draft if you do not need it.")


class OtherThanSeen(WorkflowError):
    sentence = _("These were %(seen)s orders when you chose them and are %(now)s now. Nothing was removed: look again.")


class WantedTooEarly(WorkflowError):
    sentence = _("The orders cannot be wanted by a time that has passed.")


class NothingToAdd(WorkflowError):
    sentence = _("All these orders are in the draft already.")


class NothingToPutBack(WorkflowError):
    sentence = _("The draft has been changed since the orders were removed. Add them again by their numbers.")


class NotADiscardedDraft(WorkflowError):
    sentence = _("Only a draft that was never submitted can be restored.")


class NothingToChange(WorkflowError):
    sentence = _("No change: this is already the current setting.")


class PersonChanged(WorkflowError):
    sentence = _("Someone else has changed this since you opened the page. Review it; nothing was changed.")


class PersonInactive(WorkflowError):
    sentence = _("This person is deactivated. Nothing was changed.")


class PersonActive(WorkflowError):
    sentence = _("This person is already active. Nothing was changed.")


class WhyMissing(WorkflowError):
    sentence = _("Enter a reason. It is kept in the audit trail.")


class LinkUsed(WorkflowError):
    sentence = _("This link was already used or is no longer valid.")


class WrongCode(WorkflowError):
    sentence = _("Invalid code. Each code works only once; enter the next one.")


class CodesHeldBack(WorkflowError):
    """Too many wrong codes: `seconds` is how long none is looked at."""

    sentence = _("Too many wrong codes. Wait %(seconds)s s, then enter a new one.")


class FactorExists(WorkflowError):
    sentence = _("A second factor is already set up.")


class FactorMissing(WorkflowError):
    sentence = _("No second factor is set up.")


class FactorRequired(WorkflowError):
    sentence = _("Your roles require a second factor. To replace it, ask an administrator to remove it first.")


class FilterUnnamed(WorkflowError):
    sentence = _("Enter a name for the filter.")


class TooManyFilters(WorkflowError):
    sentence = _("You already have %(limit)s saved filters. Delete one first.")


class TooManyRows(WorkflowError):
    sentence = _(
        "The result has more than %(limit)s orders, the maximum of an Excel export. Export as CSV, "
        "or narrow the filters."
    )


class ExportUnderWay(WorkflowError):
    sentence = _("You already have an export queued or in progress. Wait for it, or cancel it.")


class TooManyFiles(WorkflowError):
    sentence = _("You already have %(limit)s files ready. Delete one first.")


class ExportNotReady(WorkflowError):
    sentence = _("This export has no file: it is not ready, or was removed.")


class ExportNotReadable(NotAllowed):
    sentence = _(
        "This file contains orders of a seller account you no longer have access to, so it cannot "
        "be downloaded. Start a new export."
    )


class MachineInactive(NotAllowed):
    sentence = _("The machine “%(machine)s” is inactive. An administrator can activate it.")


class MachineReadsOnly(NotAllowed):
    sentence = _("The machine “%(machine)s” may read only. An administrator can let it make requests.")


class NobodyAnswers(NotAllowed):
    """The responsible person is deactivated, or has lost a seller account of the machine."""

    sentence = _(
        "Nobody answers for the machine “%(machine)s” any more. "
        "An administrator has to name somebody who works for all its seller accounts."
    )


class DailyShareUsedUp(WorkflowError):
    """Tomorrow (Asia/Shanghai) it is there again."""


class DailyRequestsUsedUp(DailyShareUsedUp):
    sentence = _("The machine “%(machine)s” may make %(limit)s requests a day. Try again tomorrow (Beijing time).")


class DailyOrdersUsedUp(DailyShareUsedUp):
    sentence = _(
        "The machine “%(machine)s” may ask for %(limit)s orders a day, and these would be more. "
        "Try again tomorrow (Beijing time)."
    )


class DailyAmountUsedUp(DailyShareUsedUp):
    sentence = _(
        "The machine “%(machine)s” may ask for ¥%(limit)s a day, and this would be more. "
        "Try again tomorrow (Beijing time)."
    )


class AmountNotKnown(WorkflowError):
    sentence = _(
        "The machine “%(machine)s” may ask for a limited amount a day, and the amount of %(count)s of these orders is "
        "not known yet. Submit the request after the lookup."
    )


class MachineNameTaken(WorkflowError):
    sentence = _("A machine called “%(name)s” was added before.")


class CannotAnswer(WorkflowError):
    sentence = _(
        "%(who)s cannot answer for this machine: that takes an active person who works for all its seller accounts, "
        "and is no superuser."
    )


class NetworkWrong(WorkflowError):
    sentence = _("“%(network)s” is no network. Write one per line, such as 10.20.0.0/16 or 10.20.0.7.")


class TokenTooLong(WorkflowError):
    sentence = _("A token is valid for at least one day and at most %(limit)s days.")


class TooManyTokens(WorkflowError):
    sentence = _("This machine has %(limit)s valid tokens. Revoke the one that is no longer used first.")


class TokenRevoked(WorkflowError):
    sentence = _("This token was revoked before.")


class NothingRestored(WorkflowError):
    sentence = _("Nothing is to be confirmed: the database was not restored, or somebody has confirmed it.")


class InMaintenance(WorkflowError):
    """`maintenance` says until when, as it was expected, and why."""

    sentence = _(
        "The system is under maintenance, which is expected to end at %(when)s. Nothing was changed, and nothing "
        "that is stored is lost: try again then. Reading goes on."
    )
