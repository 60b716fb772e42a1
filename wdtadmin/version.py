"""Which version of the application this is: the number from pyproject.toml, and the commit where it is known."""

import functools
import re
import subprocess
import tomllib

from wdtadmin.variables import BASE_DIR

UNKNOWN = "unknown"


@functools.cache
def number() -> str:
    """The version as CHANGELOG.md has it."""
    return tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]


@functools.cache
def commit() -> str:
    """The commit that these files are of, in full; UNKNOWN where nobody wrote it down.

    `git archive` writes it into wdtadmin/COMMIT, and whoever builds an image can. In a checkout git is asked.
    """
    written = (BASE_DIR / "wdtadmin" / "COMMIT").read_text().strip()
    if not re.fullmatch("[0-9a-f]{40}", written) and (BASE_DIR / ".git").exists():
        try:
            asked = subprocess.run(["git", "rev-parse", "HEAD"], cwd=BASE_DIR, capture_output=True, text=True)
            written = asked.stdout.strip()
        except FileNotFoundError:
            return UNKNOWN
    return written if re.fullmatch("[0-9a-f]{40}", written) else UNKNOWN


def shown() -> str:
    """Both, as people read it: `0.1.0 (f92a4ec)`."""
    return number() if commit() == UNKNOWN else f"{number()} ({commit()[:7]})"
