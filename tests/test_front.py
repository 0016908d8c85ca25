"""What nginx in front is told: what it refuses, takes away and forgets, read from its files."""

from __future__ import annotations

import re

from tests.conftest import ROOT


def lines_of(name: str) -> list[str]:
    """Return the lines of a file of nginx, without blanks around them."""
    text = (ROOT / "docker" / name).read_text("utf-8")
    return [line.strip() for line in text.splitlines()]


def test_what_a_visitor_says_of_themselves_is_taken_away() -> None:
    told = dict(
        re.findall(
            r"^proxy_set_header (\S+) (.+);$", "\n".join(lines_of("pass.conf")), re.MULTILINE
        )
    )
    ways = ("User", "Preferred-Username", "Groups", "Host")
    names = {f"X-Forwarded-{way}" for way in ways} | {
        f"X-Auth-Request-{w}" for w in ("Email", "User")
    }
    names |= {"Remote-User", "Remote-Email", "Forwarded", "Authorization"}
    assert {name for name, value in told.items() if value == '""'} == names
    assert (told["X-Forwarded-Email"], told["X-Forwarded-For"]) == ("$email", "$remote_addr")
    assert 'set $email "";' in lines_of("sign_in_oidc.conf")
    by_password = lines_of("sign_in_password.conf")
    assert 'auth_basic "Regulars";' in by_password
    assert "set $email $remote_user;" in by_password


def test_nginx_refuses_and_forgets_what_it_should() -> None:
    lines = lines_of("nginx.conf")
    assert {
        "error_log /dev/stderr crit;",
        "server_tokens off;",
        "return 301 https://$host$request_uri;",
        "ssl_protocols TLSv1.2 TLSv1.3;",
        "limit_conn lines 400;",
        '"" "regulars_seat=$request_id; Path=/; Secure; HttpOnly; SameSite=Lax";',
    } <= set(lines)
    added = [line.split()[1] for line in lines if line.startswith("add_header ")]
    assert {*added} >= {
        *("X-Content-Type-Options", "X-Frame-Options"),
        *("Content-Security-Policy", "Strict-Transport-Security"),
    }
    assert lines[lines.index("location ^~ /_stcore/metrics {") + 1] == "return 404;"
    logged = re.search(r"log_format (.*?);", " ".join(lines))
    assert logged
    kept = set(re.findall(r"\$(\w+)", logged[1]))
    told = {"time_iso8601", "status", "request_method", "uri", "bytes_sent", "request_time"}
    assert kept == told | {"upstream_addr"}, "neither who looked nor at whom"


def test_nginx_keeps_no_idle_line_and_gives_up_no_process_that_is_slow() -> None:
    conf = (ROOT / "docker" / "nginx.conf").read_text("utf-8")
    assert re.search(r"map \$http_upgrade \$connection_upgrade \{[^}]*\"\" close;", conf)
    assert "resolve max_fails=0;" in (ROOT / "docker" / "upstream.conf").read_text("utf-8")
