"""An installation in a fresh folder, by the commands of docs/operating.md, with nginx in front and a stand-in ERP."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.install.document import HOST, ROOT, blocks
from tests.ports import free_port
from wdtadmin.variables import VARIABLES

NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv*", "var", "staticfiles", "screenshots", ".*_cache", "__pycache__", ".env"
)
# What would come from elsewhere is here already: no test leaves this machine.
FROM_ELSEWHERE = ("python3 -m venv", ".venv/bin/pip install")
NGINX = "/usr/sbin/nginx"  # not on every user's path
PASSWORD = "a-long-one-for-Root-7391"


def as_ordinary_user(*command):
    """Root without any of its rights is an ordinary user; everybody else is one already."""
    if os.geteuid():
        return list(command)
    return ["setpriv", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", *command]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for localhost that nobody else trusts, with its key: `.pem`, `.key`."""
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "wdtadmin.pem", folder / "wdtadmin.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return SimpleNamespace(pem=pem, key=private)


@pytest.fixture(scope="session")
def nginx(certificate, tmp_path_factory):
    """`nginx(behind=port)` gives a configuration around the shipped site, and the port at which it speaks TLS."""

    def configured(behind):
        folder, port = tmp_path_factory.mktemp("nginx"), free_port()
        site = (ROOT / "deploy/nginx/wdtadmin.conf").read_text()
        changed = {
            "listen 80;": f"listen 127.0.0.1:{free_port()};",
            "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
            HOST: "localhost",
            "/etc/ssl/wdtadmin.pem": str(certificate.pem),
            "/etc/ssl/private/wdtadmin.key": str(certificate.key),
            "127.0.0.1:8000": f"127.0.0.1:{behind}",
            "/srv/wdtadmin/deploy": f"{ROOT}/deploy",
        }
        for old, new in changed.items():
            assert old in site
            site = site.replace(old, new)
        (folder / "site.conf").write_text(site)
        user = f"user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else ""
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log; {user}\n"
            f"events {{}}\nhttp {{ access_log off; {paths} include {folder}/site.conf; }}\n"
        )
        return folder / "nginx.conf", port

    return configured


@contextmanager
def started(command, **options):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, **options)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """The folder after the commands of an ordinary user, its environment, and what is left to run."""
    folder = tmp_path_factory.mktemp("srv") / "wdtadmin"
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED, symlinks=True)
    (data := folder.parent / "data").mkdir(mode=0o700)
    (folder / ".venv").symlink_to(sys.prefix)
    kept = {name: text for name, text in os.environ.items() if name not in VARIABLES and not name.startswith("DJANGO_")}
    environment = kept | {
        "BIND": f"127.0.0.1:{free_port()}",
        "DJANGO_SUPERUSER_USERNAME": "root",
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
        "SWEEP_SECONDS": "0.5",
        "APPROVAL_HOLD_SECONDS": "0",
    }

    def run(command):
        """(exit code, what it printed) of a command of the document; what it would ask stands in the environment."""
        command = command.replace(HOST, "localhost").replace("/var/lib/wdtadmin", str(data))
        command += " --noinput --email=" if command.endswith("createsuperuser") else ""
        done = subprocess.run(
            as_ordinary_user(*command.split()), cwd=folder, env=environment, capture_output=True, text=True
        )
        return done.returncode, done.stdout + done.stderr

    making, setting_up = [block.commands for block in blocks() if not block.needs_root]
    began = time.monotonic()
    for command in making:
        if not command.startswith(FROM_ELSEWHERE):
            code, printed = run(command)
            assert code == 0, f"{command}\n{printed}"
    seconds = time.monotonic() - began
    return SimpleNamespace(folder=folder, environment=environment, run=run, setting_up=setting_up, seconds=seconds)
