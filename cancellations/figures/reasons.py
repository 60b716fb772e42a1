"""Why the ERP refused orders: its words without what differs from order to order, the same in Python and in a query."""

import re
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Func, Lookup, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import Exact, GreaterThan
from django.db.models.sql.compiler import SQLCompiler

from cancellations.models import OrderLine

Compiled = tuple[str, Any]  # SQL and its parameters
WORDS_KEPT = 200  # characters
# From the beginning of a run only: else a long one without a digit would be looked through again at each letter.
WITH_DIGITS = "(?<![A-Za-z0-9_./-])[A-Za-z0-9_./-]*[0-9][A-Za-z0-9_./-]*"
# Those of Python, as characters: each language has its own idea of what a space is.
SPACES = "[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"
SAYS = "message__says"
QUOTES = ('""', "“”")  # the second ones are what a Chinese keyboard writes


def normalised(message: str) -> str:
    """The ERP's words with # for whatever has digits in it, order numbers above all, so that equal reasons are equal.

    >>> normalised("采购单 CG2026-0001 已入库 12.5 件")
    '采购单 # 已入库 # 件'
    """
    return re.sub(SPACES, " ", re.sub(WITH_DIGITS, "#", message)).strip(" ")[:WORDS_KEPT].rstrip(" ")


def quoted(words: str) -> str:
    """What SAYS takes for messages whose words are these, and no others."""
    return f'"{words}"'


def finds_silence(text: str) -> bool:
    """Whether SAYS finds by it what the ERP said nothing of."""
    return _quoted_words(text) == ""


def _quoted_words(text: str) -> str | None:
    return normalised(text[1:-1]) if len(text) > 1 and text[0] + text[-1] in QUOTES else None


class Normalised(Func):
    """`normalised` of a column."""

    arity = 1
    output_field = CharField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Compiled:
        connection.ensure_connection()
        connection.connection.create_function("normalised", 1, normalised, deterministic=True)
        return self.as_sql(compiler, connection, function="normalised", **context)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Compiled:
        words = f"regexp_replace(%(expressions)s, '{WITH_DIGITS}', '#', 'g')"
        kept = f"left(btrim(regexp_replace({words}, '{SPACES}', ' ', 'g'), ' '), {WORDS_KEPT})"
        return self.as_sql(compiler, connection, template=f"rtrim({kept}, ' ')", **context)


class Says(Lookup):
    """The message contains the text as it is, or with # for whatever has digits in it; in quotes: it is the text.

    To normalise a message takes ten times as long as to look for a piece of the text, so this is done first.
    """

    lookup_name = "says"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Compiled:
        text, words = self.rhs, Normalised(self.lhs)
        exactly = _quoted_words(text)
        if exactly is None and "#" not in text:
            return compiler.compile(_has(self.lhs, text))
        pieces = re.split(f"#|{SPACES}", text if exactly is None else exactly)  # none of them is changed
        either = (_has(self.lhs, text), _has(words, text)) if exactly is None else (Exact(words, Value(exactly)),)
        said, *others = [compiler.compile(one) for one in (_has(self.lhs, max(pieces, key=len)), *either)]
        parameters = [*said[1], *(one for _, those in others for one in those)]
        return f"({said[0]} AND ({' OR '.join(sql for sql, _ in others)}))", parameters


def _has(where: Any, text: str) -> GreaterThan:
    return GreaterThan(StrIndex(where, Value(text)), 0)


OrderLine._meta.get_field("message").register_lookup(Says)
