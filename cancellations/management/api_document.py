"""docs/api.md, with the endpoints, examples and problems as the code has them; the rest of it is written by hand."""

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
        shown = [
            f"**{example.title}**\n\n```{example.language}\n{example.text}```\n\n"
            for example in examples("https://wdtadmin.example.com", 1)
        ]
        calls = ["| call | | scope |\n|---|---|---|\n"]
        calls += [f"| `{one.method} {openapi.address_of(one)}` | {one.says} | {one.scope} |\n" for one in ENDPOINTS]
        problems = ["| code | HTTP | sentence | what to do |\n|---|---|---|---|\n"]
        for one in documents.problems():
            sentence = str(one["sentence"]).replace("|", "/")
            problems.append(f"| `{one['code']}` | {one['status']} | {sentence} | {one['advice']} |\n")
    for name, lines in (("examples", shown), ("endpoints", calls), ("problems", problems)):
        before, _, rest = text.partition(BEGIN.format(name))
        text = before + BEGIN.format(name) + "".join(lines) + END + rest.partition(END)[2]
    return text
