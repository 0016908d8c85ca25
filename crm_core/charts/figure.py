"""A figure as its plain parts, checked by plotly when it is read and not while it is drawn.

Plotly looks at every part of a figure again with each one added, and copies the whole
for the browser: that took half of the time of a page. Charts therefore collect plain
traces and a plain layout under plotly's own names. The tests let plotly check every
chart; what a page sends is spelled out once.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio

Parts = dict[str, Any]
"""A trace, a layout or a piece of them: names and values as plotly documents them."""


class Figure:
    """Traces and a layout, put together piece by piece.

    Methods are called as those of :class:`plotly.graph_objects.Figure`, with whole words
    only: ``title={"text": …}``, not ``title_text=…``. A part that is None is left out, and
    takes back what was there before.

    Examples
    --------
    >>> figure = Figure(height=300)
    >>> figure.add_bar(x=["a", "b"], y=[1, 2])
    >>> figure.update_yaxes(title={"text": "Sales"}, tickformat=None)
    >>> figure.data[0].y, figure.layout.height, figure.layout.yaxis.title.text
    ((1, 2), 300, 'Sales')
    """

    def __init__(self, **layout: Any) -> None:
        self._traces: list[Parts] = []
        self._layout: Parts = {}
        self._rows = 1
        self.update_layout(**layout)

    @property
    def data(self) -> tuple[Any, ...]:
        """The traces, as plotly understands them."""
        traces: tuple[Any, ...] = self.checked().data
        return traces

    @property
    def layout(self) -> Any:
        """The layout, as plotly understands it."""
        return self.checked().layout

    def add_bar(self, *, row: int = 1, **trace: Any) -> None:
        """Add bars, in the picture of that row (see :meth:`stack`)."""
        self._add("bar", row, trace)

    def add_scatter(self, *, row: int = 1, **trace: Any) -> None:
        """Add a line, marks or an area."""
        self._add("scatter", row, trace)

    def add_heatmap(self, **trace: Any) -> None:
        """Add coloured cells."""
        self._add("heatmap", 1, trace)

    def add_annotation(self, **note: Any) -> None:
        """Write a text at a place."""
        self._layout.setdefault("annotations", []).append(note)

    def add_shape(self, **shape: Any) -> None:
        """Draw a line or a rectangle."""
        self._layout.setdefault("shapes", []).append(shape)

    def add_vline(self, x: Any, **shape: Any) -> None:
        """Draw an upright line through every row."""
        self._add_upright(type="line", x0=x, x1=x, **shape)

    def add_vrect(self, x0: Any, x1: Any, **shape: Any) -> None:
        """Shade from ``x0`` to ``x1`` through every row."""
        self._add_upright(type="rect", x0=x0, x1=x1, **shape)

    def update_layout(self, **layout: Any) -> None:
        """Set parts of the layout; those within parts named are kept."""
        _merge(self._layout, layout)

    def update_xaxes(self, *, row: int | None = None, **axis: Any) -> None:
        """Set parts of the level axis of one row, or of all."""
        self._update_axes("xaxis", row, axis)

    def update_yaxes(self, *, row: int | None = None, **axis: Any) -> None:
        """Set parts of the upright axis of one row, or of all."""
        self._update_axes("yaxis", row, axis)

    def stack(self, heights: Sequence[float], *, gap: float) -> list[float]:
        """Divide the figure into pictures above each other that share the level axis.

        Parameters
        ----------
        heights : sequence of float
            Heights of the rows from the top, relative to each other.
        gap : float
            Room between two rows, as a share of the figure's height.

        Returns
        -------
        list of float
            The upper edge of each row, on the figure's height from 0 to 1.
        """
        self._rows = len(heights)
        scale = (1.0 - gap * (len(heights) - 1)) / sum(heights)
        top, tops = 1.0, []
        for row, height in enumerate(heights, start=1):
            tops.append(top)
            bottom = max(top - scale * height, 0.0)
            self.update_yaxes(row=row, anchor=nth("x", row), domain=[bottom, top])
            self.update_xaxes(row=row, anchor=nth("y", row), domain=[0.0, 1.0])
            if row < len(heights):
                last = nth("x", len(heights))
                self.update_xaxes(row=row, matches=last, showticklabels=False)
            top = bottom - gap
        return tops

    def checked(self) -> go.Figure:
        """Return plotly's own figure.

        Raises
        ------
        ValueError
            By plotly, if a part is none of its own.
        """
        return go.Figure(_without_none({"data": self._traces, "layout": self._layout}))

    def ready(self, **layout: Any) -> go.Figure:
        """Return the figure as a page hands it to Streamlit, with a few parts more.

        Parameters
        ----------
        **layout
            Parts of the layout that only the page knows.
        """
        look = {**self._layout, **layout, "template": _template(pio.templates.default)}
        return _Ready(
            {"data": [_spelled(trace) for trace in self._traces], "layout": _spelled(look)}
        )

    def _add(self, kind: str, row: int, trace: Parts) -> None:
        axes = {"xaxis": nth("x", row), "yaxis": nth("y", row)} if self._rows > 1 else {}
        self._traces.append({"type": kind, **trace, **axes})

    def _add_upright(self, **shape: Any) -> None:
        for row in range(1, self._rows + 1):
            across = {"xref": nth("x", row), "yref": f"{nth('y', row)} domain", "y0": 0, "y1": 1}
            self.add_shape(**across, **shape)

    def _update_axes(self, name: str, row: int | None, axis: Parts) -> None:
        for each in range(1, self._rows + 1) if row is None else (row,):
            _merge(self._layout, {nth(name, each): axis})


class _Ready(go.Figure):  # type: ignore[misc]
    """A figure whose plain form is there already: Streamlit asks figures for nothing else.

    Given plain parts instead, it would have plotly check all of them, with every rerun of a page.
    """

    def __init__(self, spelled: Parts) -> None:
        self._spelled = spelled

    def to_dict(self) -> Parts:
        """Return traces and layout, ready to be written as JSON."""
        return self._spelled


def nth(axis: str, row: int) -> str:
    """Return plotly's name of an axis in a row.

    Examples
    --------
    >>> nth("x", 1), nth("yaxis", 2)
    ('x', 'yaxis2')
    """
    return axis if row == 1 else f"{axis}{row}"


def _merge(into: Parts, parts: Parts) -> None:
    """Set parts within parts; None takes a part away."""
    for name, value in parts.items():
        if value is None:
            into.pop(name, None)
        elif isinstance(value, dict):
            _merge(into.setdefault(name, {}), value)
        else:
            into[name] = value


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_none(part) for name, part in value.items() if part is not None}
    return value


def _spelled(value: Any) -> Any:
    """Return parts without those that are None, arrays of numbers as the browser takes them."""
    if isinstance(value, dict):
        return {name: _spelled(part) for name, part in value.items() if part is not None}
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf" and value.size:
        return _as_bytes(value)
    return value


def _as_bytes(values: np.ndarray) -> Any:
    """Return an array of numbers in plotly's short form, long integers as narrow as they fit."""
    if values.dtype == np.int64:
        narrow = np.min_scalar_type(min(int(values.min()), ~int(values.max())))
        if narrow.itemsize > 4:  # longer than any array of whole numbers in a browser
            return values
        values = values.astype(narrow)
    form = {
        "dtype": f"{values.dtype.kind}{values.dtype.itemsize}",
        "bdata": base64.b64encode(values.tobytes()).decode("ascii"),
    }
    return form if values.ndim == 1 else {**form, "shape": ", ".join(map(str, values.shape))}


@lru_cache(maxsize=4)
def _template(name: str | None) -> Parts | None:
    """Return the template that plotly would put under every figure."""
    if name is None:
        return None
    template: Parts = pio.templates[name].to_plotly_json()
    return template
