"""Security headers on every answer of the server, whatever stands in front of it.

What the browser may load and run comes from this server alone; no other site may show
the dashboard in a frame; what it hands out is kept by no cache.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import streamlit as st

from crm_core import listening

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

CLOSED = ("/_stcore/metrics",)
"""Nobody's business: how many sessions there are and what they hold."""

PRIVATE = ("/media/", "/_stcore/upload_file/")
"""Where files of clients come and go."""

_INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


def content_policy(page: str) -> str:
    """Return the Content-Security-Policy for Streamlit's own page.

    Parameters
    ----------
    page : str
        The page's HTML: its inline scripts are allowed by their hashes, no others are.

    Examples
    --------
    >>> "script-src 'self' 'sha256-" in content_policy("<script>let a = 1</script>")
    True
    """
    hashes = (hashlib.sha256(script.encode()).digest() for script in _INLINE.findall(page))
    allowed = "".join(f" 'sha256-{base64.b64encode(found).decode()}'" for found in hashes)
    rules = {
        "default-src": "'self'",
        "script-src": f"'self'{allowed}",
        # Streamlit and Plotly set styles from their scripts.
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "media-src": "'self' data: blob:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "frame-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {where}" for name, where in rules.items())


def security_headers() -> dict[str, str]:
    """Return the headers of every answer, by name in lower case."""
    page = Path(st.__file__).with_name("static") / "index.html"
    headers = {
        "content-security-policy": content_policy(page.read_text(encoding="utf-8")),
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }
    origin = listening.public_origin(os.environ)
    if origin is not None and origin.startswith("https://"):
        headers["strict-transport-security"] = "max-age=31536000"
    return headers


class SecurityHeaders:
    """Wraps the server: adds the headers, and answers "not found" where nobody should look.

    Parameters
    ----------
    app : callable
        The server within, as ASGI has it.
    headers : dict of str to str, optional
        By default :func:`security_headers`.
    """

    def __init__(self, app: App, headers: dict[str, str] | None = None) -> None:
        self._app = app
        found = security_headers() if headers is None else headers
        self._headers = [(name.encode(), value.encode()) for name, value in found.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = str(scope.get("path", ""))
        added = list(self._headers)
        if any(part in path for part in PRIVATE):
            added.append((b"cache-control", b"no-store"))
        given = {name for name, _ in added}

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message.get("headers", ()) if pair[0].lower() not in given]
                message["headers"] = [*kept, *added]
            await send(message)

        if path.rstrip("/").endswith(CLOSED):
            await send_on({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, receive, send_on)
