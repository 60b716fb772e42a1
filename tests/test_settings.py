"""Every variable stands in one table, and whoever sets one names one of the table."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from wdtadmin import variables
from wdtadmin.variables import VARIABLES, defaults

ROOT = Path(__file__).resolve().parent.parent
# of Python, Django, other programs, of documented examples, and of the tests and measurements themselves
OTHERS = re.compile(
    r"DJANGO_\w+|PYTHON\w+|PG\w+|BENCH_\w+|REMOTE_ADDR|CONTENT_LENGTH|HTTP_\w+|FAULT_\w+|MODEL_EXAMPLES|LC_ALL|SECURE_PROXY_SSL_HEADER|TOMORROW_PYTHON|WDTADMIN_TEST_CLUSTER|TESTS_MIGRATED|WEBHOOK_SECRET|WDTADMIN_TOKEN|TMPDIR|PATH|HOME"
)


def variables_set_in(path):
    """Names in capitals that are set as an environment is: `run(NAME="…")`, `{"NAME": "…"}`, `environ["NAME"] = …`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            names = [keyword.arg for keyword in node.keywords]
        elif isinstance(node, ast.Dict):
            names = [getattr(key, "value", None) for key in node.keys]
        elif isinstance(node, ast.Subscript) and getattr(node.value, "attr", "") == "environ":
            names = [getattr(node.slice, "value", None)]
        else:
            continue
        yield from (
            name for name in names if isinstance(name, str) and re.fullmatch(r"[A-Z]+_[A-Z_]+|BIND|DEBUG", name)
        )


@pytest.mark.parametrize("room", ["bench", "tests", "wdtadmin/demo"])
def test_bench_tests_and_demo_set_variables_that_exist(room):
    named = {name for path in (ROOT / room).rglob("*.py") for name in variables_set_in(path)}
    assert {name for name in named if not OTHERS.fullmatch(name)} <= set(VARIABLES)


@pytest.mark.parametrize("file", ["wdtadmin/settings.py", "gunicorn.conf.py"])
def test_settings_read_the_environment_through_the_table_alone(file):
    assert not re.search(r"environ\b(?! import Env)", (ROOT / file).read_text())


def test_every_variable_of_the_table_is_read():
    read = " ".join((ROOT / file).read_text() for file in ("wdtadmin/settings.py", "gunicorn.conf.py"))
    assert not [name for name in VARIABLES if not re.search(rf'(value|required)\("{name}"', read)]


def test_a_value_comes_from_the_environment_or_the_default(monkeypatch):
    monkeypatch.setenv("WEB_THREADS", "9")
    monkeypatch.delenv("WEB_WORKERS", raising=False)
    assert (variables.value("WEB_THREADS"), variables.value("WEB_WORKERS")) == (9, 2)
    with pytest.raises(KeyError):
        variables.value("WEB_TREADS")


def test_what_must_be_set_says_how_one_is_made(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "")
    monkeypatch.setattr(variables, "BASE_DIR", tmp_path)
    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY is not set\. '.*init' writes a file \.env"):
        variables.required("SECRET_KEY")
    (tmp_path / ".env").touch()
    with pytest.raises(ImproperlyConfigured, match="init --key SECRET_KEY"):
        variables.required("SECRET_KEY")


SECRETS = ["SECRET_KEY", "CREDENTIAL_KEYS", "AUDIT_KEYS", "DATABASE_URL", "EMAIL_URL", "OIDC_RP_CLIENT_SECRET"]


def test_the_table_says_what_is_secret():
    assert set(SECRETS) <= {name for name, variable in VARIABLES.items() if variable.is_secret}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_may_stand_in_a_file(name, monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("a-secret,b#$ c\n")
    monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "secret"))
    assert variables.value(name) == (["a-secret", "b#$ c"] if VARIABLES[name].type is list else "a-secret,b#$ c")


@pytest.mark.parametrize(
    ("content", "beside", "told"),
    [
        ("canary", "another", "AUDIT_KEYS and AUDIT_KEYS_FILE are both set"),
        (" \n", "", "which is empty"),
        (None, "", "cannot be read: No such file"),
    ],
)
def test_a_file_that_gives_no_secret_is_told_in_a_sentence(content, beside, told, monkeypatch, tmp_path):
    if content is not None:
        (tmp_path / "secret").write_text(content)
    monkeypatch.setenv("AUDIT_KEYS", beside)
    monkeypatch.setenv("AUDIT_KEYS_FILE", str(tmp_path / "secret"))
    with pytest.raises(ImproperlyConfigured, match=told) as raised:
        variables.value("AUDIT_KEYS")
    assert "canary" not in str(raised.value)


def test_what_is_no_secret_is_not_read_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "threads").write_text("9")
    monkeypatch.setenv("WEB_THREADS", "5")
    monkeypatch.setenv("WEB_THREADS_FILE", str(tmp_path / "threads"))
    assert variables.value("WEB_THREADS") == 5


@pytest.mark.parametrize(("name", "text"), [("LEASE_SECONDS", "canary"), ("ERP_ADDRESSES", "canary")])
def test_a_text_of_another_type_is_told_in_a_sentence(name, text, monkeypatch):
    monkeypatch.setenv(name, text)
    with pytest.raises(ImproperlyConfigured, match=f"{name} must be") as raised:
        variables.value(name)
    assert "canary" not in str(raised.value)


def test_defaults_have_the_type_that_they_are_read_as(monkeypatch):
    for name, text in defaults().items():
        monkeypatch.setenv(name, text)
        assert isinstance(variables.value(name), VARIABLES[name].type), name


def gunicorn_of(folder, **environment):
    """(bind, workers) of gunicorn in a copy of the project, with the `.env` of that folder."""
    (folder / "wdtadmin").mkdir(exist_ok=True)
    for name in ("gunicorn.conf.py", "wdtadmin/__init__.py", "wdtadmin/starting.py", "wdtadmin/variables.py"):
        (folder / name).write_text((ROOT / name).read_text())
    code = "import runpy; made = runpy.run_path('gunicorn.conf.py'); print(made['bind'], made['workers'])"
    kept = {name: text for name, text in os.environ.items() if name not in VARIABLES} | environment
    return subprocess.check_output([sys.executable, "-c", code], cwd=folder, env=kept, text=True).split()


def test_dot_env_counts_for_gunicorn_and_environment_wins(tmp_path):
    assert gunicorn_of(tmp_path) == ["127.0.0.1:8000", "2"]
    (tmp_path / ".env").write_text("BIND=127.0.0.1:8123\nWEB_WORKERS=3\n")
    assert gunicorn_of(tmp_path) == ["127.0.0.1:8123", "3"]
    assert gunicorn_of(tmp_path, WEB_WORKERS="5") == ["127.0.0.1:8123", "5"]


def test_what_the_address_of_the_database_says_of_tls_holds():
    address = "postgres://u:p@db.example.com/w?sslmode=verify-full&sslrootcert=/etc/ca.pem"
    environment = os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    told = "from django.conf import settings; print(sorted(settings.DATABASES['default']['OPTIONS'].items()))"
    done = subprocess.run([sys.executable, "-c", told], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == str(
        [("connect_timeout", 5), ("sslmode", "verify-full"), ("sslrootcert", "/etc/ca.pem")]
    )
