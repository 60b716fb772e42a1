"""What a verb may refuse, each with the sentence that people read."""

from django.utils.translation import gettext_lazy as _


class WorkflowError(Exception):
    sentence = ""

    def __init__(self, **details):
        self.details = details
        super().__init__()

    def __str__(self):
        return str(self.sentence) % self.details


class NotAllowed(WorkflowError):
    sentence = _("You do not have the right to do this here.")


class OwnRequest(NotAllowed):
    sentence = _("This is your own request: somebody else has to decide on it.")


class MovedOn(WorkflowError):
    """The request is not in a state from which the verb leads on; `status` is where it is now."""

    sentence = _("This request has moved on in the meantime: it is now “%(status)s”. Nothing was changed.")


class ContentChanged(WorkflowError):
    sentence = _("The request is not the one that you were shown. Look at it again before you decide.")


class NoteMissing(WorkflowError):
    sentence = _("Say why: the requester reads this note.")


class ReasonMissing(WorkflowError):
    sentence = _("Say why these orders are to be changed: the manager decides on it.")


class ShopHasRequests(WorkflowError):
    sentence = _(
        "Requests were made for this shop: its seller account and environment stay, so that the history stays true. "
        "Add another shop instead."
    )


class NoActiveCredential(WorkflowError):
    sentence = _("The shop has no active credential that could be retired.")


class TooOften(WorkflowError):
    sentence = _("You have done this %(count)s times within an hour; that is the limit. Try again at %(when)s.")


class NoOrders(WorkflowError):
    sentence = _("The list holds no purchase order number.")


class TooManyOrders(WorkflowError):
    sentence = _("These are %(count)s different orders; a request holds at most %(limit)s. Split the list.")


class ShopNotUsable(WorkflowError):
    pass


class ShopInactive(ShopNotUsable):
    sentence = _("The shop “%(shop)s” is not active. An administrator can activate it.")


class NoCredential(ShopNotUsable):
    sentence = _("The shop “%(shop)s” has no active credential. An administrator has to add one first.")


class OrdersOpenElsewhere(WorkflowError):
    """`orders` in the details is a list of (order number, number of the other request)."""

    sentence = _("%(count)s of these orders are still open in another request with the same operation: %(examples)s.")


class NothingToDrop(WorkflowError):
    sentence = _("None of these orders is in the draft any more. Nothing was changed.")


class LookupRunning(WorkflowError):
    sentence = _("The orders are being looked up already.")


class NothingIsLookedUp(WorkflowError):
    sentence = _("Orders of the shop “%(shop)s” are not looked up; an administrator can change that.")


class NothingUnknown(WorkflowError):
    sentence = _("There is no order whose outcome is unknown and that nobody is asking about. Nothing was changed.")


class AccountPaused(WorkflowError):
    sentence = _("The account is paused already.")


class AccountNotPaused(WorkflowError):
    sentence = _("The account is not paused.")


class OptionNotForOperation(WorkflowError):
    sentence = _("Only “Cancel” can include checked orders. Untick this option, or choose “Cancel”.")


class ShopExists(WorkflowError):
    sentence = _("There is a shop with this name, or with this seller account in this environment, already.")


class SuperuserOnly(NotAllowed):
    sentence = _("This person is a superuser: only another superuser changes that.")


class OwnAccount(NotAllowed):
    sentence = _("This is your own account: another administrator has to do it.")


class WorksElsewhere(NotAllowed):
    """What an administrator wants to change counts in all shops of the person, and some are not the administrator's."""

    sentence = _(
        "This person also works for shops that are not yours, and this would count there too. "
        "An administrator of all these shops can do it, or a superuser."
    )


class LastAdministrator(WorkflowError):
    sentence = _("The shop “%(shop)s” would be left without an administrator. Give it another one first.")


class UsernameTaken(WorkflowError):
    sentence = _("Somebody signs in with this name already, perhaps written in other letters, large or small.")


class NothingToChange(WorkflowError):
    sentence = _("This is how it is already. Nothing was changed.")


class PersonChanged(WorkflowError):
    sentence = _("Somebody else has changed this since you opened the page. Look at it again; nothing was changed.")


class PersonInactive(WorkflowError):
    sentence = _("This person is not active. Nothing was changed.")


class PersonActive(WorkflowError):
    sentence = _("This person is active already. Nothing was changed.")


class WhyMissing(WorkflowError):
    sentence = _("Say why: it stays in the history.")


class LinkUsed(WorkflowError):
    sentence = _("This link has been used already, or it does not count any more.")


class WrongCode(WorkflowError):
    sentence = _("That is not a code that counts now. Each code counts once; take the next one.")


class CodesHeldBack(WorkflowError):
    """Too many wrong codes: `seconds` is how long none is looked at."""

    sentence = _("After wrong codes there is a pause: wait %(seconds)s s, then give a new one.")


class FactorExists(WorkflowError):
    sentence = _("A second factor is set up already.")


class FactorMissing(WorkflowError):
    sentence = _("No second factor is set up.")


class FactorRequired(WorkflowError):
    sentence = _(
        "Your roles require a second factor. An administrator can remove it, so that you can set up a new one."
    )


class FilterUnnamed(WorkflowError):
    sentence = _("Give the filter a name.")


class TooManyFilters(WorkflowError):
    sentence = _("You have saved %(limit)s filters already; delete one first.")


class TooManyRows(WorkflowError):
    sentence = _(
        "These are more than %(limit)s orders, and an Excel export takes no more than that. Take the CSV, or filter "
        "for fewer."
    )


class ExportUnderWay(WorkflowError):
    sentence = _("An export of yours is waiting or being made already. Wait until it is ready, or cancel it.")


class TooManyFiles(WorkflowError):
    sentence = _("You have %(limit)s files ready already; delete one first.")


class ExportNotReady(WorkflowError):
    sentence = _("There is no file of this export: it is not ready, or it was removed.")


class ExportNotReadable(NotAllowed):
    sentence = _(
        "This file holds orders of a shop account that you may not read any more, so it is not handed out. Ask for a "
        "new export of what you may read."
    )
