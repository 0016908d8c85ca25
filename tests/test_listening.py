"""Where the dashboard may listen, and what the sign-in needs, before anything starts."""

from __future__ import annotations

import os
import stat
import tempfile
import tomllib
from pathlib import Path

import pytest

from crm_core import launch, listening
from crm_core.errors import CrmError
from tests.conftest import ROOT

OIDC = {
    "REGULARS_SIGN_IN": "oidc",
    "REGULARS_OIDC_METADATA_URL": "https://accounts.google.com/.well-known/openid-configuration",
    "REGULARS_OIDC_CLIENT_ID": "client",
    "REGULARS_OIDC_CLIENT_SECRET": 'a "quoted" \\ secret',
    "REGULARS_COOKIE_SECRET": "c" * 32,
    "REGULARS_PUBLIC_URL": "https://regulars.example.com/",
}
TENANT = "https://login.microsoftonline.com/{}/v2.0/.well-known/openid-configuration"


@pytest.fixture
def private_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("address", ["0.0.0.0", "", "192.168.1.5", "::", "regulars.example.com"])
def test_address_that_others_reach_is_refused_without_sign_in(address: str) -> None:
    refused = listening.refusal(address, {})
    assert refused is not None
    assert "nobody has to sign in" in refused
    assert listening.refusal(address, {"REGULARS_LET_ANYONE_IN": "true"}) is not None
    assert listening.refusal(address, {"REGULARS_LET_ANYONE_IN": "yes"}) is None
    assert listening.refusal(address, {"REGULARS_SIGN_IN": "oidc"}) is None


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"])
def test_this_computer_alone_needs_no_sign_in(address: str) -> None:
    assert listening.refusal(address, {}) is None


def test_slip_of_the_pen_in_the_sign_in_opens_no_door() -> None:
    with pytest.raises(CrmError, match="oicd"):
        listening.refusal("0.0.0.0", {"REGULARS_SIGN_IN": "oicd"})


def test_start_on_another_address_stops_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran: list[dict[str, str]] = []
    monkeypatch.setattr(launch, "become", lambda _, variables: ran.append(variables) or 0)
    monkeypatch.delenv(listening.SIGN_IN, raising=False)
    words = ["--address", "0.0.0.0", "--no-browser"]
    with pytest.raises(CrmError, match="--let-anyone-in"):
        launch.open_dashboard(ROOT, launch.parse_start(words))
    assert not ran
    launch.open_dashboard(ROOT, launch.parse_start([*words, "--let-anyone-in"]))
    assert ran[0][listening.ANYONE] == "yes"
    assert ran[0][listening.FORWARDED] == listening.TRUST_NO_FORWARDED


def test_own_settings_cannot_loosen_the_door() -> None:
    command = launch.dashboard_command(ROOT, 8600)
    for option in (
        "--server.enableCORS=true",
        "--server.enableXsrfProtection=true",
        "--server.enableAgentApi=false",
        "--server.trustedUserHeaders={}",
        "--server.allowedHosts=127.0.0.1",
    ):
        assert option in command


def test_secrets_lie_in_a_private_file_outside_the_program(private_folder: Path) -> None:
    options = listening.door_options("0.0.0.0", 8600, OIDC)
    (name,) = options["secrets.files"]
    path = Path(name)
    assert path.is_relative_to(private_folder)
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert tomllib.loads(path.read_text(encoding="utf-8"))["auth"] == {
        "server_metadata_url": OIDC["REGULARS_OIDC_METADATA_URL"],
        "client_id": "client",
        "client_secret": OIDC["REGULARS_OIDC_CLIENT_SECRET"],
        "cookie_secret": "c" * 32,
        "redirect_uri": "https://regulars.example.com/oauth2callback",
    }
    assert options["server.corsAllowedOrigins"] == ["https://regulars.example.com"]
    assert "regulars.example.com" in options["server.allowedHosts"]


@pytest.mark.skipif(os.name == "nt", reason="rights of files are others there")
def test_secrets_are_not_laid_into_a_folder_others_may_enter(private_folder: Path) -> None:
    (private_folder / f"regulars-{os.getuid()}").mkdir(mode=0o755)
    with pytest.raises(CrmError, match="private folder"):
        listening.write_secrets(8600, OIDC)


@pytest.mark.skipif(os.name == "nt", reason="rights of files are others there")
def test_secrets_are_not_laid_into_a_folder_of_somebody_else_or_through_a_link(
    private_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (private_folder / "elsewhere").mkdir(mode=0o700)
    (private_folder / f"regulars-{os.getuid()}").symlink_to(private_folder / "elsewhere")
    with pytest.raises(CrmError, match="private folder"):
        listening.write_secrets(8600, OIDC)
    other = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: other)
    with pytest.raises(CrmError, match="private folder"):
        listening.write_secrets(8600, OIDC)


@pytest.mark.skipif(os.name == "nt", reason="rights of links are others there")
def test_secrets_are_not_written_through_a_link_laid_out_beforehand(private_folder: Path) -> None:
    elsewhere = private_folder / "elsewhere"
    elsewhere.write_text("kept")
    folder = private_folder / f"regulars-{os.getuid()}"
    folder.mkdir(mode=0o700)
    (folder / "secrets-8600.toml").symlink_to(elsewhere)
    listening.write_secrets(8600, OIDC)
    assert elsewhere.read_text() == "kept"


@pytest.mark.skipif(os.name == "nt", reason="rights of links are others there")
def test_link_laid_out_at_the_last_moment_is_not_followed_either(
    private_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = private_folder / f"regulars-{os.getuid()}"
    folder.mkdir(mode=0o700)
    (folder / "secrets-8600.toml").symlink_to(private_folder / "elsewhere")
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)
    with pytest.raises(FileExistsError):
        listening.write_secrets(8600, OIDC)
    assert not (private_folder / "elsewhere").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"REGULARS_OIDC_CLIENT_ID": ""}, "REGULARS_OIDC_CLIENT_ID not set"),
        ({"REGULARS_PUBLIC_URL": ""}, "REGULARS_PUBLIC_URL not set"),
        ({"REGULARS_COOKIE_SECRET": "short"}, "32 characters"),
        ({"REGULARS_PUBLIC_URL": "http://regulars.example.com"}, "https://"),
        ({"REGULARS_PUBLIC_URL": "https://regulars.example.com/?to=elsewhere"}, "https://"),
        ({"REGULARS_OIDC_CLIENT_SECRET": "a\nb"}, "line break"),
        ({"REGULARS_OIDC_METADATA_URL": "http://firm.example/x"}, "https://"),
        ({"REGULARS_OIDC_METADATA_URL": TENANT.format("common")}, "any firm"),
        ({"REGULARS_OIDC_METADATA_URL": TENANT.format("Organizations")}, "any firm"),
        ({"REGULARS_OIDC_METADATA_URL": TENANT.format("consumers")}, "any firm"),
    ],
)
def test_unsafe_or_missing_setting_of_the_sign_in_is_refused(
    changes: dict[str, str], said: str, private_folder: Path
) -> None:
    with pytest.raises(CrmError, match=said):
        listening.write_secrets(8600, {**OIDC, **changes})
    assert not list(private_folder.glob("*/*"))


def test_own_tenant_of_microsoft_is_taken() -> None:
    listening.check_metadata_url(TENANT.format("0b1c2d3e-aaaa-bbbb-cccc-000000000001"))


@pytest.mark.parametrize("address", ["", "0.0.0.0/0", "::/0", "proxy", "10.0.0.5/8"])
def test_proxy_without_a_pinned_address_does_not_start(address: str) -> None:
    variables = {"REGULARS_SIGN_IN": "proxy", "REGULARS_PROXY_ADDRESS": address}
    with pytest.raises(CrmError, match="Wanted"):
        listening.door_options("127.0.0.1", 8600, variables)


def test_dashboard_under_a_path_is_served_there() -> None:
    variables = {
        **OIDC,
        "REGULARS_PUBLIC_URL": "https://example.com/regulars",
        "REGULARS_SIGN_IN": "",
    }
    options = listening.door_options("127.0.0.1", 8600, variables)
    assert options["server.baseUrlPath"] == ["regulars"]
