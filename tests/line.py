"""A visitor without a browser: speaks to a running dashboard as Streamlit's own page does.

For what a browser would not let anybody do: forge headers and cookies, come from
another address, claim to be another site's page.
"""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

PATIENCE = 300


def look(
    url: str,
    *,
    page: str = "",
    query: str = "",
    told: Sequence[tuple[str, str]] = (),
    origin: str | None = None,
    source: str | None = None,
    host: str | None = None,
    token: str = "",
    script: str = "",
    pressed: Sequence[str] = (),
) -> str:
    """Open a page and return all that the server sent for it, as text.

    Parameters
    ----------
    url : str
        Of the dashboard.
    page : str
        Address of the page, "" for the first one.
    query : str
        What stands behind the question mark.
    told : sequence of (str, str)
        Headers, as often as they stand there.
    origin : str, optional
        The site whose page claims to ask.
    source : str, optional
        Address of this computer to come from.
    host : str, optional
        The name the visitor believes to speak to.
    token : str
        The word against requests of other sites.
    script : str
        The page by the program's own number instead of its address.
    pressed : sequence of str
        Buttons said to be pressed, by the program's own numbers.

    Raises
    ------
    PermissionError
        If the server refuses the line itself.
    """
    parts = urlsplit(url)
    where = (str(parts.hostname), parts.port or 80)
    line = socket.create_connection(where, source_address=(source, 0) if source else None)
    name = f"{host or parts.hostname}:{parts.port}"
    try:
        with connect(
            f"ws://{name}/_stcore/stream",
            sock=line,
            origin=origin,  # type: ignore[arg-type]
            subprotocols=["streamlit", *([token] if token else [])],  # type: ignore[list-item]
            additional_headers=list(told),
            proxy=None,
            max_size=None,
            open_timeout=PATIENCE,
            ping_timeout=None,
        ) as stream:
            ask = BackMsg()
            ask.rerun_script.query_string = query
            ask.rerun_script.page_name = page
            ask.rerun_script.page_script_hash = script
            for button in pressed:
                ask.rerun_script.widget_states.widgets.add(id=button, trigger_value=True)
            stream.send(ask.SerializeToString())
            return _read_to_the_end(stream)
    except InvalidStatus as error:
        raise PermissionError(f"refused with {error.response.status_code}") from error
    finally:
        line.close()


def answer(url: str, *, method: str = "GET", headers: Mapping[str, str] | None = None) -> int:
    """Return the status with which the server answers a plain request."""
    body = b"client,amount\n" if method in ("POST", "PUT") else None
    asked = urllib.request.Request(url, data=body, method=method, headers=dict(headers or {}))
    try:
        with urllib.request.urlopen(asked, timeout=PATIENCE) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


def _read_to_the_end(stream: object) -> str:
    said: list[str] = []
    while True:
        message = ForwardMsg.FromString(stream.recv(timeout=PATIENCE))  # type: ignore[attr-defined]
        kind = message.WhichOneof("type")
        if kind in ("delta", "navigation", "auth_redirect", "page_info_changed"):
            said.append(str(message))
        # Being sent to another page is a second run of the same visit.
        if kind == "script_finished" and message.script_finished != (
            ForwardMsg.ScriptFinishedStatus.FINISHED_EARLY_FOR_RERUN
        ):
            return "\n".join(said)
