"""A stand-in for a company's OpenID Connect provider, over real HTTP on loopback."""

import hashlib
import json
import time
from base64 import urlsafe_b64encode
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT, SECRET = "wdtadmin-test", "client-secret-of-the-test"


def _new_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider:
    """Signs everybody in as `username` without asking. `token` and `claims` change what it says of them."""

    def __init__(self, address):
        self.address = address
        self.key, self.other_key = _new_key(), _new_key()
        self.asked = []  # what was sent to the token endpoint
        self.behave()

    def behave(self, username="lina", *, token=None, claims=None, signed_by_another=False, down=False):
        self.username, self.token, self.claims = username, token or {}, claims or {}
        self.signed_by_another, self.down = signed_by_another, down

    def environment(self):
        return {
            "OIDC_RP_CLIENT_ID": CLIENT,
            "OIDC_RP_CLIENT_SECRET": SECRET,
            "OIDC_ISSUER": self.address,
            "OIDC_OP_AUTHORIZATION_ENDPOINT": f"{self.address}/authorize",
            "OIDC_OP_TOKEN_ENDPOINT": f"{self.address}/token",
            "OIDC_OP_USER_ENDPOINT": f"{self.address}/userinfo",
            "OIDC_OP_JWKS_ENDPOINT": f"{self.address}/keys",
        }

    def authorize(self, query):
        self.request = query
        return f"{query['redirect_uri']}?{urlencode({'code': 'a-code', 'state': query['state']})}"

    def give_token(self, form):
        self.asked.append(form)
        if self.down:
            return 503, {"error": "down"}
        challenge = urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if (form["code"], form["client_secret"], challenge) != ("a-code", SECRET, self.request["code_challenge"]):
            return 400, {"error": "invalid_grant"}
        now = int(time.time()) - 1
        payload = {"iss": self.address, "aud": CLIENT, "sub": "7", "iat": now, "exp": now + 300}
        payload |= {"nonce": self.request["nonce"]} | self.token
        key = self.other_key if self.signed_by_another else self.key
        token = jwt.encode(payload, key, algorithm="RS256", headers={"kid": "1"})
        return 200, {"access_token": "access", "token_type": "Bearer", "id_token": token}

    def user_information(self):
        return 200, {"sub": "7", "preferred_username": self.username} | self.claims

    def keys(self):
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return 200, {"keys": [public | {"kid": "1", "alg": "RS256"}]}


@contextmanager
def provider():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            path, query = urlsplit(self.path).path, _flat(urlsplit(self.path).query)
            if path == "/authorize":
                self.send_response(302)
                self.send_header("Location", made.authorize(query))
                self.end_headers()
            else:
                self._answer(*{"/userinfo": made.user_information, "/keys": made.keys}[path]())

        def do_POST(self):
            self._answer(*made.give_token(_flat(self.rfile.read(int(self.headers["Content-Length"])).decode())))

        def _answer(self, status, content):
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made = Provider(f"http://127.0.0.1:{server.server_port}")
        Thread(target=server.serve_forever, daemon=True).start()
        yield made
        server.shutdown()


def _flat(text):
    return {name: values[0] for name, values in parse_qs(text).items()}
