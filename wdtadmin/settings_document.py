"""docs/settings.md and .env.example, as the table of variables has them."""

import re
import textwrap
from collections.abc import Mapping
from types import MappingProxyType

from wdtadmin.variables import BASE_DIR, SECTIONS

HEAD = """# Settings

Generated from the table in `wdtadmin/variables.py` by `manage.py documents --write`; a test compares the two.

The settings are environment variables, or lines of a file `.env` beside `manage.py`; where both have one, the
environment counts. `manage.py init` writes a `.env` with fresh keys; [.env.example](../.env.example) shows it without.
The defaults are those of production. Lists are separated by commas, pairs are written `name=value`.

What is marked as secret may also stand in a file of its own, as systemd and containers hand secrets over: `NAME_FILE`
is the file's path, as in `SECRET_KEY_FILE=/run/secrets/secret_key`. Only one of the two may be set.

The pace (seconds between calls), the orders per call, the working hours and how many orders of a request are looked up
before the decision are settings of each shop, on its page.
"""
EXAMPLE_HEAD = """\
# 'manage.py init' writes this as .env, with fresh keys. docs/settings.md is the same as tables.
# What begins with '# ' may stay as it is: it shows the default, or an example where there is none.
"""


def document() -> str:
    """docs/settings.md: a table for each section."""
    lines = [HEAD]
    for title, section in SECTIONS.items():
        lines += [f"## {title}", "", "| variable | default | |", "|---|---|---|"]
        for one in section:
            default = f"`{_as_text(one.default)}`" if one.default else "must be set" if one.default is None else "none"
            if one.default is not None and one.example:
                default += f", e.g. `{one.example}`"
            meaning = re.sub(r"\b([\w-]+\.md)\b", r"[\1](\1)", one.meaning)  # links to the other documents
            meaning += f" A fresh one: `manage.py init --key {one.name}`" if one.make else ""
            meaning += " (secret)" if one.is_secret else ""
            lines.append(f"| `{one.name}` | {default} | {meaning} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def example(given: Mapping[str, str] = MappingProxyType({})) -> str:
    """.env.example: what must be filled in, and everything else as a comment; what is `given` stands there as set."""
    comments = textwrap.TextWrapper(118, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)
    lines = [EXAMPLE_HEAD]
    for title, section in SECTIONS.items():
        lines += [f"# --- {title} ".ljust(118, "-"), ""]
        for one in section:
            lines += comments.wrap(one.meaning.replace("`", ""))
            lines += comments.wrap(f"A fresh one: manage.py init --key {one.name}") if one.make else []
            if names := [name for name in (one.name, f"{one.name}_FILE") if name in given]:
                lines += [f"{names[0]}={given[names[0]]}", ""]
            elif one.start is not None:
                lines += [f"{one.name}={one.start}", ""]
            else:
                lines += [f"# {one.name}={one.example or _as_text(one.default or '')}", ""]
    return "\n".join(lines).rstrip() + "\n"


def _as_text(default: str) -> str:
    """The same in every folder."""
    return default.replace(f"{BASE_DIR}/", "")
