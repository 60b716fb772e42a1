#!/bin/bash
# Makes .venv-tomorrow from a newer Python and the newest Django 6, and runs the quick tests there.
# What Django will remove is shown at the end; every other warning fails, as it does everywhere.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=.venv-tomorrow
lock=requirements/tomorrow.lock

fits() {
    "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 12))' 2>/dev/null
}

find_python() {
    local name
    if [ -n "${TOMORROW_PYTHON:-}" ]; then
        fits "$TOMORROW_PYTHON" && { echo "$TOMORROW_PYTHON"; return; }
        echo "No test ran: TOMORROW_PYTHON=$TOMORROW_PYTHON is no Python 3.12 or newer with its venv module." >&2
        return 1
    fi
    for name in python3.14 python3.13 python3.12; do
        fits "$name" && { echo "$name"; return; }
    done
    echo "No test ran: Django 6 needs Python 3.12 or newer, and PATH has no python3.14, python3.13 or python3.12" \
        "with its venv module. Name one in TOMORROW_PYTHON." >&2
    return 1
}

python=$(find_python)
made_of="$("$python" -c 'import sys; print(sys.executable, sys.version)') $(sha256sum <"$lock")"
if [ "$(cat "$folder/made-of" 2>/dev/null)" != "$made_of" ]; then
    echo "Installing into $folder …"
    "$python" -m venv --clear "$folder"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
    echo "$made_of" >"$folder/made-of"
fi
"$folder/bin/python" -c 'import django, platform as p; print(f"Python {p.python_version()}, Django {django.__version__}")'
removals=django.utils.deprecation
exec "$folder/bin/python" -m pytest -q -n 2 --dist worksteal -m "not slow and not browser and not faults" \
    -W "default::$removals.RemovedInNextVersionWarning" -W "default::$removals.RemovedAfterNextVersionWarning"
