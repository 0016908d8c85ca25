from __future__ import annotations

import asyncio
from typing import Any

import pytest

import served
from crm_core.ui.headers import SecurityHeaders, content_policy, security_headers

HEADERS = {"x-frame-options": "DENY", "x-content-type-options": "nosniff"}


async def _within(scope: Any, receive: Any, send: Any) -> None:
    kind = "http.response.start" if scope["type"] == "http" else "websocket.accept"
    await send({"type": kind, "status": 200, "headers": [(b"X-Frame-Options", b"ALLOW")]})


def answer(path: str, kind: str = "http") -> dict[str, Any]:
    said: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        said.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    app = SecurityHeaders(_within, HEADERS)
    asyncio.run(app({"type": kind, "path": path}, receive, send))
    return said[0]


def test_every_answer_bears_each_header_once_and_ours_counts() -> None:
    headers = answer("/")["headers"]
    assert headers == [(b"x-frame-options", b"DENY"), (b"x-content-type-options", b"nosniff")]


@pytest.mark.parametrize("path", ["/media/a.csv", "/base/media/a.csv", "/_stcore/upload_file/1/2"])
def test_files_of_clients_are_kept_by_no_cache(path: str) -> None:
    assert (b"cache-control", b"no-store") in answer(path)["headers"]
    assert all(name != b"cache-control" for name, _ in answer("/static/a.js")["headers"])


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/", "/base/_stcore/metrics"])
def test_the_figures_of_the_server_are_not_found(path: str) -> None:
    assert answer(path)["status"] == 404


def test_websockets_pass_as_they_are() -> None:
    assert answer("/_stcore/stream", "websocket")["type"] == "websocket.accept"


def test_only_the_inline_scripts_of_the_page_itself_may_run() -> None:
    policy = content_policy("<script src='a.js'></script><script>one()</script><b>x</b>")
    assert policy.count("sha256-") == 1
    script = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
    assert "unsafe" not in script
    assert "http" not in policy


def test_encryption_is_remembered_only_where_the_address_is_encrypted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REGULARS_PUBLIC_URL", "https://regulars.example.com")
    assert "strict-transport-security" in security_headers()
    monkeypatch.setenv("REGULARS_PUBLIC_URL", "http://localhost:8501")
    assert "strict-transport-security" not in security_headers()


def test_every_rule_against_other_sites_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each rule closes a way of its own: none may go unnoticed."""
    monkeypatch.delenv("REGULARS_PUBLIC_URL", raising=False)
    headers = security_headers()
    rules = dict(rule.split(" ", 1) for rule in headers.pop("content-security-policy").split("; "))
    assert rules.pop("script-src").startswith("'self' 'sha256-")
    assert rules == {
        "default-src": "'self'",
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
    assert headers == {
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    }


def test_the_server_that_start_runs_sends_them() -> None:
    assert [one.cls for one in served.app._user_middleware] == [SecurityHeaders]
