"""Passwords that everybody here would guess are refused, and a person's own are not."""

import pytest
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError

GUESSED = [
    *("wdtadmin-2026", "wangdiantong1", "Password2026!", "cancellation1", "aaaaaaaaaaaa", "caigoudan2026"),
    *(
        "采购采购采购采购采购采购",
        "P@ssw0rd2026!!",
        "ｗｄｔａｄｍｉｎ２０２６",
        "Admin-Admin-2026",
        "abababababab",
        "旺店通采购单2026!!",
    ),
    *("Iloveyou-20261", "quxiao-caigou-26", "2026superman2026", "mingda-mingda-26"),
]
GOOD = ["pflaumen-1867", "korrekt pferd batterie", "杭州湾的九月大潮水", "x7Kq-29Lm-zzTr", "order a blue submarine"]


@pytest.fixture(autouse=True)
def _company(settings):
    settings.PASSWORD_OWN_WORDS = ["Mingda"]


@pytest.mark.parametrize("password", GUESSED)
def test_a_guessed_password_is_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize("password", [word for word in GOOD if len(word) >= 12])
def test_a_password_of_ones_own_is_taken(password):
    validate_password(password)


def test_every_rule_is_told_before_one_types():
    assert len(password_validators_help_texts()) == 7
