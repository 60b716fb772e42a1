"""docs/settings.md and .env.example, as the table of variables has them."""

import re
import textwrap

from wdtadmin.variables import BASE_DIR, SECTIONS, Variable

HEAD = """# Settings

Generated from the table in `wdtadmin/variables.py` by `manage.py documents --write`; a test compares the two.

The settings are environment variables, or lines of a file `.env` beside `manage.py`; where both have one, the
environment counts. [.env.example](../.env.example) is a start. The defaults are those of production. Lists are
separated by commas, pairs are written `name=value`.

The pace (seconds between calls), the orders per call, the working hours and how many orders of a request are looked up
before the decision are settings of each shop, on its page.
"""
EXAMPLE_HEAD = """\
# Copy this file to .env and fill it in. docs/settings.md is the same as tables.
# What begins with '# ' may stay as it is: it shows the default, or an example where there is none.
"""


def document() -> str:
    """docs/settings.md: a table for each section."""
    lines = [HEAD]
    for title, section in SECTIONS.items():
        lines += [f"## {title}", "", "| variable | default | |", "|---|---|---|"]
        lines += [f"| `{one.name}` | {_default(one)} | {_meaning(one)} |" for one in section]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def example() -> str:
    """.env.example: what must be filled in, and everything else as a comment."""
    comments = textwrap.TextWrapper(118, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)
    lines = [EXAMPLE_HEAD]
    for title, section in SECTIONS.items():
        lines += [f"# --- {title} ".ljust(118, "-"), ""]
        for one in section:
            lines += comments.wrap(one.meaning.replace("`", ""))
            lines += [f"# {one.made_with}"] if one.made_with else []
            lines += [_line(one), ""]
    return "\n".join(lines).rstrip() + "\n"


def _default(variable: Variable) -> str:
    if variable.default is None:
        return "must be set"
    shown = f"`{_as_text(variable.default)}`" if variable.default else "none"
    return f"{shown}, e.g. `{variable.example}`" if variable.example else shown


def _line(variable: Variable) -> str:
    if variable.start is not None:
        return f"{variable.name}={variable.start}"
    return f"# {variable.name}={variable.example or _as_text(variable.default or '')}"


def _as_text(default: str) -> str:
    """The same in every folder."""
    return default.replace(f"{BASE_DIR}/", "")


def _meaning(variable: Variable) -> str:
    """With links to the other documents that it names."""
    meaning = re.sub(r"\b([\w-]+\.md)\b", r"[\1](\1)", variable.meaning)
    return f"{meaning} Make one: `{variable.made_with}`" if variable.made_with else meaning
