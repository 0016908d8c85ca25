"""Where the dashboard listens, and who may come in there: settled before it starts.

On this computer alone nobody needs to sign in. On any other address people
sign in, or somebody has said in so many words that anyone may come in.
Standard library only, and syntax an older Python can still read.
"""

from __future__ import annotations

import ipaddress
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crm_core.errors import CrmError

if TYPE_CHECKING:
    from collections.abc import Mapping

HOST = "127.0.0.1"
"""The dashboard is for this computer only; sharing it is a decision, not a default."""

SIGN_IN = "REGULARS_SIGN_IN"
ANYONE = "REGULARS_LET_ANYONE_IN"
PROXY_ADDRESS = "REGULARS_PROXY_ADDRESS"
PROXY_HEADER = "REGULARS_PROXY_HEADER"
PUBLIC_URL = "REGULARS_PUBLIC_URL"
OIDC = {
    "REGULARS_OIDC_METADATA_URL": "server_metadata_url",
    "REGULARS_OIDC_CLIENT_ID": "client_id",
    "REGULARS_OIDC_CLIENT_SECRET": "client_secret",
    "REGULARS_COOKIE_SECRET": "cookie_secret",
}
"""Settings of OpenID Connect and their names in Streamlit's secrets."""

FORWARDED = "FORWARDED_ALLOW_IPS"
TRUST_NO_FORWARDED = "none"
"""What the web server is told: nobody's ``X-Forwarded-For`` changes who it says is calling."""

MODES = ("off", "oidc", "proxy")
SHORTEST_SECRET = 32
MAKE_A_SECRET = 'python -c "import secrets; print(secrets.token_hex(32))"'
ANY_TENANT = ("common", "organizations", "consumers")


def is_loopback(address: str | None) -> bool:
    """Tell whether a listening address can be reached from this computer only.

    No address at all means every one.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("localhost")
    (True, True, True)
    >>> is_loopback("0.0.0.0"), is_loopback(""), is_loopback(None)
    (False, False, False)
    """
    name = (address or "").strip().strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def sign_in_mode(variables: Mapping[str, str]) -> str:
    """Return how people sign in: ``"off"``, ``"oidc"`` or ``"proxy"``.

    Raises
    ------
    CrmError
        If ``REGULARS_SIGN_IN`` says anything else: a slip of the pen opens no door.
    """
    said = variables.get(SIGN_IN, "").strip().lower() or "off"
    if said not in MODES:
        raise CrmError(
            f"Wanted {SIGN_IN} to be one of {', '.join(MODES)}, found {said!r}; correct it."
        )
    return said


def lets_anyone_in(variables: Mapping[str, str]) -> bool:
    """Tell whether somebody said in so many words that nobody needs to sign in."""
    return variables.get(ANYONE, "").strip().lower() == "yes"


def refusal(address: str | None, variables: Mapping[str, str]) -> str | None:
    """Return why the dashboard may not be opened on an address; None where it may.

    Parameters
    ----------
    address : str or None
        Where it listens; empty means every address of this computer.
    variables : mapping
        The environment.

    Raises
    ------
    CrmError
        If the sign-in asked for is unknown.
    """
    if is_loopback(address) or sign_in_mode(variables) != "off" or lets_anyone_in(variables):
        return None
    where = f"on {address}" if address else "on every address of this computer"
    return (
        f"Wanted to open the dashboard {where}, found that nobody has to sign in: everybody who "
        "reaches this address would see every client. Set up sign-in (docs/sign_in.md), or, if "
        "everybody there may see and change everything, say so: --let-anyone-in, or "
        f"{ANYONE}=yes."
    )


def proxy_networks(
    variables: Mapping[str, str],
) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return the addresses the authenticating proxy may call from.

    Raises
    ------
    CrmError
        If none is pinned, or one is no address.

    Examples
    --------
    >>> [str(net) for net in proxy_networks({"REGULARS_PROXY_ADDRESS": "10.0.0.5, ::1"})]
    ['10.0.0.5/32', '::1/128']
    """
    said = [part.strip() for part in variables.get(PROXY_ADDRESS, "").split(",") if part.strip()]
    try:
        found = [ipaddress.ip_network(part) for part in said]
    except ValueError as error:
        raise CrmError(
            f"Wanted {PROXY_ADDRESS} to hold addresses such as 10.0.0.5, found: {error}."
        ) from error
    if not found or any(network.prefixlen == 0 for network in found):
        raise CrmError(
            f"Wanted the address of the proxy that signs people in, found {said or 'none'}; set "
            f"{PROXY_ADDRESS} to it: who comes from elsewhere could claim to be anybody."
        )
    return found


def public_origin(variables: Mapping[str, str]) -> str | None:
    """Return scheme and host of the address people type; None where it is not said.

    Raises
    ------
    CrmError
        If it is no address, or not encrypted on its way through a network.
    """
    said = variables.get(PUBLIC_URL, "").strip()
    if not said:
        return None
    parts = urlsplit(said)
    plain_here = parts.scheme == "http" and is_loopback(parts.hostname)
    if not parts.hostname or parts.query or not (parts.scheme == "https" or plain_here):
        raise CrmError(
            f"Wanted {PUBLIC_URL} to be an address such as https://regulars.example.com, "
            f"found {said!r}."
        )
    return f"{parts.scheme}://{parts.netloc}"


def door_options(address: str, port: int, variables: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the settings of the web server that guard the door, by name.

    They are given on the command line, so that nobody's own settings loosen them.

    Parameters
    ----------
    address : str
        Where it listens.
    port : int
        The same; names the file of secrets, so that two dashboards do not share one.
    variables : mapping
        The environment.

    Raises
    ------
    CrmError
        If a setting of the sign-in is missing or wrong.
    """
    origin, mode = public_origin(variables), sign_in_mode(variables)
    known = [HOST, "localhost", "::1"]
    options = {
        "server.address": [address],
        "server.enableCORS": ["true"],
        "server.enableXsrfProtection": ["true"],
        "server.enableAgentApi": ["false"],
        "server.trustedUserHeaders": ["{}"],
    }
    if origin:
        options["server.allowedHosts"] = [*known, str(urlsplit(origin).hostname)]
        options["server.corsAllowedOrigins"] = [origin]
        path = urlsplit(variables[PUBLIC_URL].strip()).path.strip("/")
        if path:
            options["server.baseUrlPath"] = [path]
    elif is_loopback(address) and not lets_anyone_in(variables):
        # Another site whose name is made to lead here must not read along.
        options["server.allowedHosts"] = known
    if mode == "proxy":
        proxy_networks(variables)
    if mode == "oidc" and any(variables.get(name) for name in OIDC):
        options["secrets.files"] = [str(write_secrets(port, variables))]
    return options


def write_secrets(port: int, variables: Mapping[str, str]) -> Path:
    """Write what OpenID Connect needs into a private file and return its path.

    It lies in a folder of the system for passing files that only this account may
    enter, outside the program and its data; the next start writes it anew.

    Raises
    ------
    CrmError
        If a setting is missing or unsafe, or the folder is not private.
    """
    values = secrets_of(variables)
    folder = Path(tempfile.gettempdir()) / f"regulars-{_account()}"
    _make_private(folder)
    path = folder / f"secrets-{port}.toml"
    text = "[auth]\n" + "".join(f"{name} = {_toml(value)}\n" for name, value in values.items())
    path.unlink(missing_ok=True)
    handle = os.open(str(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    return path


def secrets_of(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the ``[auth]`` section that the environment asks for.

    Raises
    ------
    CrmError
        If a setting is missing or unsafe.
    """
    missing = missing_for_oidc(variables)
    if missing:
        raise CrmError(
            f"Wanted everything that signing in needs, found {', '.join(missing)} not set; "
            "docs/sign_in.md says where to find it."
        )
    values = {key: variables[name].strip() for name, key in OIDC.items()}
    if len(values["cookie_secret"]) < SHORTEST_SECRET:
        raise CrmError(
            f"Wanted REGULARS_COOKIE_SECRET to have {SHORTEST_SECRET} characters at least, found "
            f"{len(values['cookie_secret'])}; make one with: {MAKE_A_SECRET}"
        )
    check_metadata_url(values["server_metadata_url"])
    public_origin(variables)
    return {**values, "redirect_uri": variables[PUBLIC_URL].strip().rstrip("/") + "/oauth2callback"}


def missing_for_oidc(variables: Mapping[str, str]) -> list[str]:
    """Return the names of the variables that OpenID Connect needs and that are not set.

    Examples
    --------
    >>> missing_for_oidc(dict.fromkeys(OIDC, "set") | {PUBLIC_URL: " "})
    ['REGULARS_PUBLIC_URL']
    """
    return [name for name in (*OIDC, PUBLIC_URL) if not variables.get(name, "").strip()]


def check_metadata_url(address: str) -> None:
    """Refuse a provider reached without encryption, or one that lets any firm's people in.

    Raises
    ------
    CrmError
        If it is one of the two.

    Examples
    --------
    >>> check_metadata_url("https://accounts.google.com/.well-known/openid-configuration")
    """
    parts = urlsplit(address)
    if parts.scheme != "https" and not is_loopback(parts.hostname):
        raise CrmError(
            "Wanted the sign-in service's address to begin with https://, found "
            f"{address!r}; correct REGULARS_OIDC_METADATA_URL."
        )
    if str(parts.hostname).endswith("microsoftonline.com") and (
        parts.path.strip("/").split("/")[0].lower() in ANY_TENANT
    ):
        raise CrmError(
            "Wanted the address of your own Microsoft tenant, found one through which people of "
            "any firm sign in, with addresses nobody checked; put the tenant's id where it says "
            f"{parts.path.strip('/').split('/')[0]!r}."
        )


def _account() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "me")


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "nt":
        return
    found = os.lstat(str(folder))
    is_private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    if not is_private or found.st_uid != os.getuid():
        raise CrmError(
            f"Wanted a private folder {folder} for the secrets of the sign-in, found one that "
            "others may enter; remove it and start again."
        )


def _toml(value: str) -> str:
    if not value.isprintable():
        raise CrmError("Wanted settings of the sign-in in one line each, found a line break.")
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
