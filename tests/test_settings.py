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
# of Python, Django, other programs, and of the tests and measurements themselves
OTHERS = re.compile(
    r"DJANGO_\w+|PYTHON\w+|PG\w+|BENCH_\w+|REMOTE_ADDR|HTTP_\w+|FAULT_\w+|MODEL_EXAMPLES|EMAIL_(?:BACKEND|HOST|PORT|USE_TLS)|WDTADMIN_TEST_CLUSTER|TMPDIR|PATH|HOME"
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


def test_what_must_be_set_says_how_one_is_made(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "")
    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY is not set\. Make one with: python -c"):
        variables.required("SECRET_KEY")


def test_defaults_have_the_type_that_they_are_read_as(monkeypatch):
    for name, text in defaults().items():
        monkeypatch.setenv(name, text)
        assert isinstance(variables.value(name), VARIABLES[name].type), name


def gunicorn_of(folder, **environment):
    """(bind, workers) of gunicorn in a copy of the project, with the `.env` of that folder."""
    (folder / "wdtadmin").mkdir(exist_ok=True)
    for name in ("gunicorn.conf.py", "wdtadmin/__init__.py", "wdtadmin/variables.py"):
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
