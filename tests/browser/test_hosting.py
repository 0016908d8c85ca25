"""The real nginx.conf before two real processes: what passes, what does not, what is logged."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from crm_core.access import COMMAND_LINE, acting_as
from crm_core.records.engine import open_database, recording
from crm_core.records.team import invite
from tests.browser.conftest import PATIENCE_MS, eventually, free_port, serve, settle
from tests.browser.test_import_flow import bring, choose_import
from tests.conftest import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

OWNER, VIEWER, PASSWORD = "zz-owner@example.com", "zz-viewer@example.com", "long and random"
CLIENT, FILE = "Zzclient Zzname", "zzfile"
MARK = re.compile(r"zz", re.IGNORECASE)
"""In everything personal this test brings along, and in nothing else."""


@dataclass(frozen=True)
class Front:
    """A running nginx: its names, its two processes, and what everybody logged."""

    port: int
    folder: Path
    processes: tuple[int, int]
    logs: tuple[Path, ...]

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def written(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in self.logs)

    def send(self, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
        """Send one request with the owner's password and return the answer."""
        trusting = ssl._create_unverified_context()
        line = http.client.HTTPSConnection("localhost", self.port, timeout=120, context=trusting)
        words = {"Authorization": _basic(OWNER), **headers}
        line.request(method, path, headers={name: v for name, v in words.items() if v})
        answer = line.getresponse()
        answer.text = answer.read().decode("utf-8", "replace")  # type: ignore[attr-defined]
        line.close()
        return answer


def _basic(who: str) -> str:
    import base64

    return "Basic " + base64.b64encode(f"{who}:{PASSWORD}".encode()).decode()


def write_conf(folder: Path, port: int, plain_port: int, upstream: str) -> Path:
    """Put docker/ where nginx finds it here: other ports and folders, and the processes."""
    shutil.copytree(ROOT / "docker", folder, dirs_exist_ok=True)
    (folder / "passwords").write_text(
        "".join(f"{who}:{{PLAIN}}{PASSWORD}\n" for who in (OWNER, VIEWER))
    )
    (folder / "upstream.conf").write_text(upstream)
    changes = {
        "user nginx;": "daemon off;" if os.geteuid() else "user root; daemon off;",
        "listen 80 default_server": f"listen 127.0.0.1:{plain_port} default_server",
        "listen 443 ssl http2 default_server": f"listen 127.0.0.1:{port} ssl http2 default_server",
        "/etc/nginx/regulars/": f"{folder}/",
        "/etc/nginx/sign_in.conf": f"{folder}/sign_in_password.conf",
        "/etc/nginx/certificate/": f"{folder}/",
        "/run/nginx.pid": f"{folder}/nginx.pid",
        "/dev/stdout": f"{folder}/access.log",
        "/dev/stderr": f"{folder}/error.log",
    }
    text = (folder / "nginx.conf").read_text()
    for found, here in changes.items():
        assert found in text, found
        text = text.replace(found, here)
    (folder / "nginx.conf").write_text(text)
    password = folder / "sign_in_password.conf"
    password.write_text(password.read_text().replace("/etc/nginx/passwords", f"{folder}/passwords"))
    return folder / "nginx.conf"


def upstream_of(*ports: int) -> str:
    servers = "".join(f"server 127.0.0.1:{port} max_fails=0; " for port in ports)
    return f"upstream regulars {{ hash $seat consistent; {servers}}}\n"


@contextlib.contextmanager
def running_nginx(conf: Path, port: int) -> Iterator[None]:
    """Run nginx with a certificate made for the occasion."""
    names = ("privkey.pem", "fullchain.pem")
    key, certificate = (str(conf.with_name(name)) for name in names)
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    with (conf.parent / "nginx.log").open("wb") as log:
        nginx = subprocess.Popen([shutil.which("nginx") or "", "-c", str(conf)], stderr=log)
        try:
            for _ in range(600):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert nginx.poll() is None, (conf.parent / "nginx.log").read_text()
                time.sleep(0.1)
            yield
        finally:
            nginx.terminate()
            nginx.wait(timeout=120)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Return nginx with the conf of this repository before two processes on one database."""
    if shutil.which("nginx") is None:
        pytest.skip("no nginx on this machine (Debian: apt install nginx-light)")
    home = tmp_path_factory.mktemp("front")
    url = f"sqlite:///{(home / 'shop.db').as_posix()}"
    port, plain_port = free_port(), free_port()
    variables = {
        "REGULARS_SIGN_IN": "proxy",
        "REGULARS_PROXY_ADDRESS": "127.0.0.1",
        "REGULARS_OWNER": OWNER,
        "REGULARS_PUBLIC_URL": f"https://localhost:{port}",
        "FORWARDED_ALLOW_IPS": "none",
    }
    engine = open_database(url)
    with acting_as(COMMAND_LINE), recording(engine) as connection:
        invite(connection, OWNER, "owner")
        invite(connection, VIEWER, "viewer")
    engine.dispose()
    with ExitStack() as running:
        one, two = (
            running.enter_context(serve(home / name, url, variables=variables))
            for name in _folders(home)
        )
        ports = tuple(int(urlsplit(process.url).port or 0) for process in (one, two))
        folder = home / "nginx"
        conf = write_conf(folder, port, plain_port, upstream_of(*ports))
        running.enter_context(running_nginx(conf, port))
        logs = (one.log, two.log, folder / "access.log", folder / "error.log", folder / "nginx.log")
        yield Front(port, folder, (ports[0], ports[1]), logs)


def _folders(home: Path) -> tuple[str, str]:
    for name in ("one", "two"):
        (home / name).mkdir()
    return "one", "two"


@contextlib.contextmanager
def visiting(chromium: Browser, front: Front, who: str, **more: str) -> Iterator[BrowserContext]:
    """Open a window signed in by password; no page may ask another host or break its policy."""
    context = chromium.new_context(
        ignore_https_errors=True,
        http_credentials={"username": who, "password": PASSWORD},
        extra_http_headers=more,
        locale="en-GB",
    )
    asked: list[str] = []
    refused: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("console", lambda line: refused.append(line.text) if "olicy" in line.text else None)
    yield context
    context.close()
    assert {urlsplit(url).hostname for url in asked} <= {"localhost", None}
    assert refused == []


def opened(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    settle(page)
    return page


def sales() -> bytes:
    names = (CLIENT, "Ann", "Bob", "Cem", "Dee")
    rows = [f"{name},2026-0{1 + n}-1{n},{n + 1}.00" for n in range(9) for name in names]
    return ("client,day,amount\n" + "\n".join(rows)).encode()


def test_the_team_works_through_nginx_and_no_log_says_who_or_about_whom(
    chromium: Browser, front: Front
) -> None:
    lie = {"X-Forwarded-Email": VIEWER, "X-Forwarded-User": VIEWER}
    with visiting(chromium, front, OWNER, **lie) as context:
        page = opened(context, f"{front.url}/import")
        page.get_by_test_id("stSidebar").get_by_text(OWNER).first.wait_for()
        bring(page, f"{FILE}.csv", sales())
        page.get_by_role("button", name=re.compile(r"Import \d")).click()
        page.get_by_text("is imported.", exact=False).wait_for()
        settle(page)
        page.set_input_files(
            "input[type=file]",
            files=[{"name": f"{FILE}.xlsx", "mimeType": "", "buffer": b"PK\x03\x04 Zz broken"}],
        )
        page.get_by_text("Wanted", exact=False).first.wait_for()
        page.goto(f"{front.url}/client?client={CLIENT.replace(' ', '%20')}")
        page.get_by_role("heading", level=3, name="Why this stage").wait_for()
        eventually(page, lambda: page.locator("h1").inner_text().replace("\u200b", ""), CLIENT)
        page.goto(f"{front.url}/import")
        page.locator(".js-plotly-plot").first.wait_for()
        choose_import(page)
        settle(page)
        page.get_by_role("button", name="Undo this import").click()
        page.get_by_text("is undone", exact=False).first.wait_for()
        settle(page)
    with visiting(chromium, front, VIEWER) as context:
        page = opened(context, front.url)
        page.get_by_test_id("stSidebar").get_by_text(VIEWER).first.wait_for()
        menu = page.get_by_test_id("stSidebarNav")
        expect(menu).to_contain_text("Overview")
        settle(page)
        assert "Import" not in menu.inner_text()
    written = front.written()
    assert "/_stcore/stream" in written, "the log is not the one that was meant"
    assert MARK.findall(written) == []


def test_every_answer_has_each_security_header_once(front: Front) -> None:
    answers = {
        200: front.send("/"),
        401: front.send("/", Authorization=""),
        404: front.send("/_stcore/metrics"),
        413: front.send("/_stcore/upload_file/a/b", "PUT", **{"Content-Length": str(501 << 20)}),
    }
    for status, answer in answers.items():
        assert answer.status == status
        for name in (
            *("Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options"),
            "Strict-Transport-Security",
        ):
            assert len(answer.headers.get_all(name) or []) == 1, (status, name)
        assert "nginx/" not in answer.headers["Server"]
    policy = answers[200].headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'self' 'sha256-" in policy
    assert front.send("/_stcore/health", Authorization="").status == 200
    assert front.send("/_stcore/metrics/").status == 404
    assert front.send("/%5fstcore/metrics").status == 404


def seat_in(answer: http.client.HTTPResponse) -> str | None:
    """Return the cookie that says which process a visitor has, where one is handed out."""
    cookies = answer.headers.get_all("Set-Cookie") or []
    return next((cookie for cookie in cookies if cookie.startswith("regulars_seat=")), None)


def process_for(front: Front, path: str, cookie: str) -> str:
    """Ask for a path nobody asked for before, and return the process that answered."""
    answer = front.send(path, Cookie=cookie.partition(";")[0])
    assert answer.status == 200
    for _ in range(1_000):
        found = re.search(rf" {path} .* (\S+)$", front.logs[2].read_text(), re.MULTILINE)
        if found:
            return found[1]
        time.sleep(0.05)
    raise AssertionError(f"nginx logged nothing for {path}")


def test_a_visitor_keeps_the_process_of_the_first_visit(front: Front) -> None:
    seats = [str(seat_in(front.send("/_stcore/health"))) for _ in range(16)]
    assert all("Secure; HttpOnly; SameSite=Lax" in seat for seat in seats)
    assert seat_in(front.send("/", Cookie=seats[0].partition(";")[0])) is None
    first, second = (
        [process_for(front, f"/visit-{turn}-{n}", seat) for n, seat in enumerate(seats)]
        for turn in "ab"
    )
    assert first == second
    assert set(first) == {f"127.0.0.1:{port}" for port in front.processes}


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers that arrived."""

    def do_GET(self) -> None:
        body = "".join(f"{name}: {value}\n" for name, value in self.headers.items()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_what_a_visitor_says_of_themselves_never_arrives(front: Front, tmp_path: Path) -> None:
    """Last of the file: from here on an echo stands where the processes were."""
    echo = HTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=echo.serve_forever, daemon=True)
    thread.start()
    (front.folder / "upstream.conf").write_text(upstream_of(echo.server_port))
    conf = str(front.folder / "nginx.conf")
    subprocess.run(["nginx", "-c", conf, "-s", "reload"], check=True, capture_output=True)
    names = "X-Forwarded-Email x-forwarded-user X-Auth-Request-Email Remote-User X_Forwarded_Email"
    names += " X-Forwarded-For Forwarded X-Forwarded-Host"
    lies = dict.fromkeys(names.split(), "boss@example.com")
    arrived = ""
    for _ in range(600):
        arrived = front.send("/", **lies).text  # type: ignore[attr-defined]
        if "X-Forwarded-Proto: https" in arrived:
            break
        time.sleep(0.1)
    echo.shutdown()
    echo.server_close()
    thread.join()
    assert f"X-Forwarded-Email: {OWNER}" in arrived
    assert "X-Forwarded-For: 127.0.0.1" in arrived
    assert "boss" not in arrived
    assert "Authorization" not in arrived
    assert f"Host: localhost:{front.port}" in arrived
