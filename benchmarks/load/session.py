"""One visitor without a browser: Streamlit's websocket protocol, spoken by hand."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Self

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

LONGEST = 120.0
"""Seconds after which a page counts as lost."""


@dataclass
class Page:
    """What one run of a page sent.

    Attributes
    ----------
    seconds : float
        From asking to the end of the script.
    shown : tuple of str
        The sentence the page opens with and its headline figures, in their order.
    faults : list of str
        Exceptions, errors and pages not found.
    """

    seconds: float = 0.0
    shown: tuple[str, ...] = ()
    faults: list[str] = field(default_factory=list)


class Session:
    """A session that stays open, as that of a browser's tab."""

    def __init__(self, line: ClientConnection) -> None:
        self.line = line
        self.held: dict[str, Any] = {}
        self.widgets: Any = None

    @classmethod
    async def open(cls, address: str) -> Self:
        """Open a session; ``address`` is that of the dashboard (http://127.0.0.1:…)."""
        where = address.replace("http://", "ws://") + "/_stcore/stream"
        # A crowd may be slow: whether it is too slow, a page's own limit says.
        line = await connect(
            where,
            subprotocols=["streamlit"],  # type: ignore[list-item]
            origin=address,  # type: ignore[arg-type]
            max_size=2**28,
            open_timeout=LONGEST,
            ping_timeout=None,
        )
        return cls(line)

    async def close(self) -> None:
        """Leave."""
        await self.line.close()

    async def turn_to(self, page: str, query: str = "") -> Page:
        """Ask for a page and take in all it sends."""
        asked = BackMsg()
        asked.rerun_script.query_string = query
        asked.rerun_script.page_name = page
        started, found = time.perf_counter(), Page()
        await self.line.send(asked.SerializeToString())
        texts: dict[tuple[int, ...], str] = {}
        async with asyncio.timeout(LONGEST):
            await self._take_in(found, texts)
        found.seconds = time.perf_counter() - started
        found.shown = tuple(texts[place] for place in sorted(texts))
        return found

    async def _take_in(self, found: Page, texts: dict[tuple[int, ...], str]) -> None:
        runs = 0
        while True:
            message = ForwardMsg()
            message.ParseFromString(await self.line.recv(decode=False))
            kind = message.WhichOneof("type")
            if kind == "new_session":
                runs, found.faults = runs + 1, []
                texts.clear()
            elif kind == "page_not_found":
                found.faults.append("page not found")
            elif kind == "ref_hash":
                message = self.held[message.ref_hash]
            elif kind == "script_finished" and runs:
                # A run that ends for another one to begin is not the page.
                if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    continue
                return
            if message.metadata.cacheable and message.hash:
                self.held[message.hash] = message
            if message.WhichOneof("type") == "delta":
                self._look(message, found, texts)

    def _look(self, message: Any, found: Page, texts: dict[tuple[int, ...], str]) -> None:
        place = tuple(message.metadata.delta_path)
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if place[:1] != (0,):
            return  # the sidebar
        texts.pop(place, None)
        if kind == "exception":
            found.faults.append(f"{element.exception.type}: {element.exception.message}")
        elif kind == "alert" and element.alert.format == Alert.ERROR:
            found.faults.append(element.alert.body)
        elif kind == "metric":
            texts[place] = f"{element.metric.label}: {element.metric.body}"
        elif kind == "markdown" and element.markdown.body.startswith("#### "):
            texts[place] = element.markdown.body
