#!/bin/bash
# Builds the image where podman and its base are at hand, and runs it as deploy/compose.yml does: the tables are made, the
# web process answers, the version is that of these files. IMAGE_BASE names another base; IMAGE_BUILD and IMAGE_RUN hold
# what podman needs besides on this machine.
set -euo pipefail
base=${IMAGE_BASE:-docker.io/library/python:3.11-slim-bookworm}
command -v podman >/dev/null || { echo "not looked at: podman is missing"; exit 0; }
podman image exists "$base" || { echo "not looked at: the base image $base is not on this machine"; exit 0; }

folder=$(mktemp -d)
chown 10001:10001 "$folder" 2>/dev/null || chmod 777 "$folder"
image=localhost/wdtadmin:tried name=wdtadmin-tried-$$
trap 'podman rm --force "$name" >/dev/null 2>&1; podman rmi "$image" >/dev/null 2>&1; rm -rf "$folder"' EXIT
key() { .venv/bin/python manage.py init --key "$1"; }
SECRET_KEY=$(key SECRET_KEY) CREDENTIAL_KEYS=$(key CREDENTIAL_KEYS) AUDIT_KEYS=$(key AUDIT_KEYS)
export SECRET_KEY CREDENTIAL_KEYS AUDIT_KEYS

read -ra for_build <<<"${IMAGE_BUILD:-}"
read -ra for_run <<<"${IMAGE_RUN:-}"
podman build --quiet --pull=never --format docker --build-arg BASE="$base" "${for_build[@]}" \
    -f deploy/Containerfile -t "$image" .
run() {
    podman run --read-only --tmpfs /tmp --cap-drop all --security-opt no-new-privileges "${for_run[@]}" \
        -v "$folder:/srv/wdtadmin/var" -e SECRET_KEY -e CREDENTIAL_KEYS -e AUDIT_KEYS -e ALLOWED_HOSTS=127.0.0.1 \
        -e PLAIN_HTTP=true -e BIND=127.0.0.1:18765 "$@"
}
version=$(run --rm "$image" manage version 2>/dev/null)
[[ $version == "$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)"* ]] || { echo "The image says: $version"; exit 1; }
run --rm "$image" manage migrate --verbosity 0
run --detach --name "$name" "$image" web >/dev/null
for _ in {1..60}; do
    podman exec "$name" python -c \
        "from urllib.request import urlopen; urlopen('http://127.0.0.1:18765/health/ready', timeout=4)" \
        >/dev/null 2>&1 && exit 0
    sleep 1
done
podman logs "$name" 2>&1 | tail -20
exit 1
