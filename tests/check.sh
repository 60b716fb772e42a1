#!/bin/bash
# Everything that can be known without running the application. Changes nothing in the project.
set -uo pipefail
failed=0

step() {
    local name=$1 printed
    shift
    if printed=$("$@" 2>&1); then
        if [[ $printed == "not looked at"* ]]; then echo "-       $name: $printed"; else echo "ok      $name"; fi
    else
        echo "FAILED  $name"
        sed 's/^/        /' <<<"$printed"
        failed=1
    fi
}

columns() {
    ! grep -rnE '^.{121,}$' templates
}

catalogues() {
    local copy
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' RETURN
    cp -rp manage.py pyproject.toml Makefile requirements wdtadmin cancellations templates tests static "$copy"
    ln -s "$PWD/.venv" "$copy/.venv"
    command -v msgfmt >/dev/null || { echo "gettext is missing; 'make test' installs it, or: apt-get install gettext"; return 1; }
    (cd "$copy" && make --silent messages >/dev/null) || return 1
    local po=cancellations/locale/zh_Hans/LC_MESSAGES/django.po
    diff "$po" "$copy/$po" >/dev/null || { echo "Texts are missing in $po, or it has some that nobody uses: run 'make messages'."; return 1; }
    local incomplete
    incomplete=$(msgattrib --untranslated "$po"; msgattrib --only-fuzzy "$po")
    [ -z "$incomplete" ] || { echo "Not translated, or only guessed:"; echo "$incomplete"; return 1; }
    cmp -s "${po%.po}.mo" "$copy/${po%.po}.mo" || { echo "The compiled catalogue is not that of $po: run 'make messages'."; return 1; }
}

key() {
    .venv/bin/python manage.py init --key "$1"
}

production() {
    env -i PATH="$PATH" HOME="$HOME" \
        SECRET_KEY="$(key SECRET_KEY)" CREDENTIAL_KEYS="$(key CREDENTIAL_KEYS)" AUDIT_KEYS="$(key AUDIT_KEYS)" \
        ALLOWED_HOSTS=wdtadmin.example.com DATABASE_URL=sqlite://:memory: \
        .venv/bin/python manage.py check --deploy --fail-level DEBUG
}

step "format: ruff format" .venv/bin/ruff format --check .
step "lint: ruff check" .venv/bin/ruff check .
step "format: templates have at most 120 columns" columns
step "types: mypy" .venv/bin/mypy
step "migrations are up to date" .venv/bin/python -m tests.manage makemigrations --check --dry-run
step "check --deploy with the settings of production" production
step "catalogues are complete" catalogues
step "image: hadolint" .venv/bin/hadolint deploy/Containerfile
step "image: it builds and answers" tests/image.sh
step "no known weakness in what is installed: pip-audit" .venv/bin/python -m tests.weaknesses
exit $failed
