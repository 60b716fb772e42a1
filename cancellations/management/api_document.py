"""docs/api.md, with the endpoints, examples and problems as the code has them; the rest of it is written by hand."""

from collections.abc import Iterator

from django.utils import translation

from cancellations.api import documents, openapi
from cancellations.api.endpoints import ENDPOINTS
from cancellations.api.examples import examples
from wdtadmin.variables import BASE_DIR

FILE = BASE_DIR / "docs" / "api.md"
BEGIN = "<!-- {}: from the code, by `manage.py documents --write` -->\n"
END = "<!-- until here -->\n"


def document() -> str:
    """The whole file, its generated parts made anew."""
    text = FILE.read_text()
    with translation.override("en"):
        for name, lines in (("examples", _examples()), ("endpoints", _endpoints()), ("problems", _problems())):
            before, _, rest = text.partition(BEGIN.format(name))
            text = before + BEGIN.format(name) + "".join(lines) + END + rest.partition(END)[2]
    return text


def _examples() -> Iterator[str]:
    for example in examples("https://wdtadmin.example.com", 1):
        yield f"**{example.title}**\n\n```{example.language}\n{example.text}```\n\n"


def _endpoints() -> Iterator[str]:
    yield "| call | | scope |\n|---|---|---|\n"
    for one in ENDPOINTS:
        yield f"| `{one.method} {openapi.address_of(one)}` | {one.says} | {one.scope} |\n"


def _problems() -> Iterator[str]:
    yield "| code | HTTP | sentence | what to do |\n|---|---|---|---|\n"
    for one in documents.problems():
        sentence = str(one["sentence"]).replace("|", "/")
        yield f"| `{one['code']}` | {one['status']} | {sentence} | {one['advice']} |\n"
