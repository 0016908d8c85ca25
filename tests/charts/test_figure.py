from __future__ import annotations

import json

import numpy as np
import plotly.io as pio
import pytest

from crm_core.charts.figure import Figure
from crm_core.charts.template import new_figure


def as_json(figure: object) -> object:
    return json.loads(pio.to_json(figure, validate=False))


ARRAYS = {
    "small numbers": np.array([1, -128, 127]),
    "large numbers": np.array([1, 128]),
    "larger numbers": np.array([-70_000, 3]),
    "numbers beyond a browser's arrays": np.array([2**40]),
    "short integers": np.array([1, 2], dtype=np.int32),
    "fractions with a hole": np.array([0.5, np.nan]),
    "rows": np.array([[1.5, 2.0], [3.0, 4.0]]),
    "nothing": np.zeros(0),
    "days": np.array(["2025-01-05", "2025-02-01"], dtype="datetime64[D]"),
    "words": np.array(["a", "b"], dtype=object),
    "a list": [1, None, 2.5],
}


@pytest.mark.parametrize("values", ARRAYS.values(), ids=ARRAYS)
def test_the_browser_gets_what_plotly_would_send(values: object) -> None:
    figure = new_figure(legend=True)
    figure.add_scatter(x=values, customdata=values, error_y={"array": values})
    assert as_json(figure.ready()) == as_json(figure.checked())


def test_a_part_not_known_to_plotly_is_found_when_it_is_read() -> None:
    figure = Figure()
    figure.add_bar(colour="red")
    with pytest.raises(ValueError, match="colour"):
        assert figure.data


def test_parts_within_parts_are_kept_and_none_takes_one_back() -> None:
    figure = Figure(legend={"x": 0, "title": {"text": "a"}}, bargap=0.5)
    figure.update_layout(legend={"title": {"text": "b"}}, bargap=None)
    assert (figure.layout.legend.x, figure.layout.legend.title.text) == (0, "b")
    assert figure.layout.bargap is None


def test_what_a_page_adds_does_not_stay_in_the_figure() -> None:
    figure = Figure()
    sent = figure.ready(meta={"numbers": ["sales"]}).to_dict()
    assert sent["layout"]["meta"] == {"numbers": ["sales"]}
    assert figure.layout.meta is None


def test_rows_share_the_height_and_the_level_axis() -> None:
    figure = Figure()
    assert figure.stack((3, 1), gap=0.2) == pytest.approx([1.0, 0.2])
    figure.add_bar(row=2, x=[1], y=[2])
    figure.add_vline(1)
    layout = figure.layout
    assert layout.yaxis.domain == pytest.approx((0.4, 1.0))
    assert layout.yaxis2.domain == pytest.approx((0.0, 0.2))
    assert (layout.xaxis.matches, layout.xaxis2.matches) == ("x2", None)
    assert (figure.data[0].xaxis, figure.data[0].yaxis) == ("x2", "y2")
    assert [(line.xref, line.yref) for line in layout.shapes] == [
        ("x", "y domain"),
        ("x2", "y2 domain"),
    ]
