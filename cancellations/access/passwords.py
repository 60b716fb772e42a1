"""What Django's validators let pass: own words, few different characters, a leaked password with a year behind it."""

import re
from unicodedata import normalize

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cancellations.models import Person

# Of this application, its subject and its ERP (ASVS 6.1.2); docs/sign-in.md says which.
OWN_WORDS = (
    *("wdtadmin", "wangdiantong", "wangdian", "旺店通", "qijianban", "旗舰版", "caigoudan", "caigou", "采购单", "采购"),
    *("quxiao", "取消", "cancellations", "cancellation", "cancel", "purchase", "orders", "order"),
    *("password", "passwort", "mima", "密码", "admin", "guanliyuan", "管理员"),
    *("welcome", "qwerty", "letmein", "iloveyou", "woaini"),
)
FEWEST_LEFT, FEWEST_DIFFERENT = 6, 5  # characters
_words = re.compile("|".join(map(re.escape, OWN_WORDS)))
_not_letters = re.compile(r"[\W\d_]+")


class OwnWordsValidator:
    """Refuses a password of which little is left without our own words, the company's, digits and signs."""

    def validate(self, password: str, user: Person | None = None) -> None:
        text = plain(password)
        for word in settings.PASSWORD_OWN_WORDS:
            text = text.replace(plain(word), "")
        left = _not_letters.sub("", _words.sub("", text))
        if left != _not_letters.sub("", plain(password)) and len(left) < FEWEST_LEFT:
            raise ValidationError(_("It consists of words that everybody here would guess."), code="own_words")

    def get_help_text(self) -> str:
        return _("Not made of words such as the name of this application.")


class FewCharactersValidator:
    """Refuses `aaaaaaaaaaaa` and `abababababab`."""

    def validate(self, password: str, user: Person | None = None) -> None:
        if len(set(plain(password))) < FEWEST_DIFFERENT:
            raise ValidationError(
                _("It has fewer than %(count)d different characters.") % {"count": FEWEST_DIFFERENT}, code="few"
            )

    def get_help_text(self) -> str:
        return _("At least %(count)d different characters.") % {"count": FEWEST_DIFFERENT}


class LeakedCoreValidator(CommonPasswordValidator):
    """Refuses a leaked password that has only got digits and signs around it: `Password2026!`."""

    def validate(self, password: str, user: Person | None = None) -> None:
        core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", normalize("NFKC", password).casefold())
        if not self.passwords.isdisjoint({core, plain(core)}):
            raise ValidationError(_("It is a leaked password with digits or signs around it."), code="leaked")

    def get_help_text(self) -> str:
        return _("Not a leaked password with a year or a sign behind it.")


def plain(text: str) -> str:
    """Without what makes equal passwords look different: width, case, the usual digits for letters."""
    return normalize("NFKC", text).casefold().translate(str.maketrans("@$03!", "asoei"))
