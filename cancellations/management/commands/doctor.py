"""Checks what can be checked of this installation, and says how to mend what is not right. No secret is printed.

Exit code: 0 if everything is fine or unknown, 1 with warnings, 2 if something is wrong.
"""

import json
import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone, translation

from cancellations import doctor
from cancellations.doctor import Finding, State

CODES = {State.FINE: 0, State.UNKNOWN: 0, State.WARNING: 1, State.WRONG: 2}
SIGNS = {State.FINE: "✓", State.UNKNOWN: "?", State.WARNING: "!", State.WRONG: "✗"}


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []  # it makes them itself, and goes on

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for scripts: state, findings")
        parser.add_argument("--language", choices=("en", "zh-hans"), default=None, help="else that of LANG")

    def handle(self, *, json: bool, language: str | None, **options: Any) -> None:
        with translation.override(language or language_of_terminal()):
            found = [(check.name, str(check.title), finding) for check, finding in doctor.examine()]
            worst = doctor.worst(finding for *_, finding in found)
            self.stdout.write(as_json(found, worst) if json else as_text(found))
        if CODES[worst]:
            sys.exit(CODES[worst])


def language_of_terminal() -> str:
    """Chinese where the terminal speaks Chinese, else English."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh-hans" if spoken.startswith("zh") else "en"


def as_json(found: list[tuple[str, str, Finding]], worst: State) -> str:
    findings = [
        {"check": name, "state": finding.state.value, "sentence": str(finding.sentence), "way_on": str(finding.way_on)}
        for name, _title, finding in found
    ]
    return json.dumps(
        {"state": worst.value, "checked_at": timezone.now().isoformat(), "findings": findings}, ensure_ascii=False
    )


def as_text(found: list[tuple[str, str, Finding]]) -> str:
    """A line for each finding, and under it the way on of what is not fine."""
    lines = []
    for _name, title, finding in found:
        lines.append(f"{SIGNS[finding.state]} {finding.state.label}  {title}: {finding.sentence}")
        lines += [f"    → {finding.way_on}"] if finding.way_on else []
    return "\n".join(lines)
