"""A small OpenID Connect provider for the tests: a process of its own on loopback.

``python -m tests.browser.provider PORT`` signs in whoever types an address, as the
standard has it: discovery, authorization code with PKCE, RS256, end of session.
Addresses that begin with ``unverified`` are not vouched for; those that begin with
``silent`` come without a word about it.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
import sys
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID = "regulars"
CLIENT_SECRET = "a secret of the tests"

FORM = """<!doctype html><title>Sign in</title><h1>The firm's sign-in</h1>
<form method="post" action="/authorize?{query}"><label>E-mail <input name="email"></label>
<button>Continue</button></form>"""


@dataclass
class Provider:
    """What the provider knows: its key, and the codes it handed out."""

    url: str
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def metadata(self) -> dict[str, Any]:
        """Return the discovery document."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "end_session_endpoint": f"{self.url}/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def id_token(self, asked: dict[str, str]) -> str:
        """Return the signed token about whoever signed in."""
        email, now = asked["email"], int(time.time())
        claims: dict[str, Any] = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": hashlib.sha256(email.encode()).hexdigest(),
            "iat": now,
            "exp": now + 600,
            "nonce": asked["nonce"],
            "email": email,
            "name": email.split("@")[0].title(),
        }
        if not email.startswith("silent"):
            claims["email_verified"] = not email.startswith("unverified")
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)


class Handler(BaseHTTPRequestHandler):
    """Answers for the provider of the class made by :func:`run`."""

    provider: Provider

    def do_GET(self) -> None:
        """Answer what is only read."""
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            self._send_json(self.provider.metadata())
        elif parts.path == "/jwks":
            self._send_json({"keys": [self.provider.key.as_dict(private=False)]})
        elif parts.path == "/authorize":
            self._send(200, FORM.format(query=html.escape(parts.query)).encode(), "text/html")
        elif parts.path == "/logout":
            self._redirect(query["post_logout_redirect_uri"])
        else:
            self._send(404, b"", "text/plain")

    def do_POST(self) -> None:
        """Take the form of the person, or the code of the dashboard."""
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        given = {name: values[0] for name, values in parse_qs(body).items()}
        if parts.path == "/token":
            self._exchange(given)
            return
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        code = secrets.token_urlsafe()
        self.provider.codes[code] = {**asked, "email": given["email"]}
        answer = urlencode({"code": code, "state": asked["state"]})
        self._redirect(f"{asked['redirect_uri']}?{answer}")

    def _exchange(self, given: dict[str, str]) -> None:
        asked = self.provider.codes.pop(given["code"], None)
        challenge = hashlib.sha256(given["code_verifier"].encode()).digest()
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        right = (
            asked is not None
            and self.headers["Authorization"] == f"Basic {basic}"
            and given["redirect_uri"] == asked["redirect_uri"]
            and asked["code_challenge"] == base64.urlsafe_b64encode(challenge).decode().rstrip("=")
        )
        if not right or asked is None:
            self._send_json({"error": "invalid_grant"}, 400)
            return
        token = {"access_token": secrets.token_urlsafe(), "token_type": "Bearer"}
        self._send_json({**token, "expires_in": 600, "id_token": self.provider.id_token(asked)})

    def _redirect(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.end_headers()

    def _send_json(self, value: dict[str, Any], status: int = 200) -> None:
        self._send(status, json.dumps(value).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def run(port: int) -> None:
    """Serve until the process is ended."""
    Handler.provider = Provider(f"http://127.0.0.1:{port}")
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    run(int(sys.argv[1]))
