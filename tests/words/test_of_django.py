"""What our catalogue says of Django's sentences."""

import ast
from pathlib import Path

import django
import pytest
from django.utils.translation import gettext, override

from cancellations.words import of_django

CATALOGUES = [
    Path(django.__file__).parent / f"{room}/locale/en/LC_MESSAGES/django.po" for room in ("conf", "contrib/auth")
]


def test_django_still_says_every_sentence():
    said = "".join(path.read_text().replace('"\n"', "") for path in CATALOGUES)
    calls = [node for node in ast.walk(ast.parse(Path(of_django.__file__).read_text())) if isinstance(node, ast.Call)]
    missing = [text.value for call in calls for text in call.args[:2] if f'"{text.value}"' not in said]
    assert calls
    assert not missing


@pytest.mark.parametrize("text", of_django.SINGLE)
def test_chinese_says_it_in_our_words(text):
    with override("zh-hans"):
        chinese = gettext(text)
    assert chinese != text
    assert not [word for word in ("用户名", "账户", "你") if word in chinese]


@pytest.mark.parametrize("text", [*of_django.COUNTED, of_django.TOO_SHORT])
def test_chinese_counts_in_our_words(text):
    with override("zh-hans"):
        chinese = text % (
            12 if text is of_django.TOO_SHORT else {"min_length": 12, "limit_value": 12, "show_value": 15}
        )
    assert "12 个字符" in chinese
    assert "你" not in chinese
