"""The one rule for groups of a few clients."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.access import LEAST_GROUP
from crm_core.small_groups import hidden_cells, hidden_parts

SIZES = st.lists(st.integers(0, 30), min_size=1, max_size=8)


@settings(max_examples=200, deadline=None)
@given(SIZES)
def test_what_is_hidden_together_is_never_a_few_unless_there_are_no_more(sizes: list[int]) -> None:
    counts = np.array(sizes)
    hidden = hidden_parts(counts)
    shown = counts[~hidden]
    assert not ((shown > 0) & (shown < LEAST_GROUP)).any()
    assert not (counts[hidden] == 0).any()
    if hidden.any() and (shown > 0).any():
        assert counts[hidden].sum() >= LEAST_GROUP
        assert hidden.sum() > 1, "one alone follows by subtraction"
        large = hidden & (counts >= LEAST_GROUP)
        assert not large.any() or counts[large].max() <= shown[shown > 0].min()


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.data())
def test_no_hidden_cell_follows_from_the_sums_of_its_row_or_column(
    height: int, width: int, data: st.DataObject
) -> None:
    cells = st.lists(st.integers(0, 20), min_size=width, max_size=width)
    counts = np.array(data.draw(st.lists(cells, min_size=height, max_size=height)))
    hidden = hidden_cells(counts)
    shown = counts[~hidden]
    assert not ((shown > 0) & (shown < LEAST_GROUP)).any()
    for lines, masks in ((counts, hidden), (counts.T, hidden.T)):
        for line, mask in zip(lines, masks, strict=True):
            if mask.any() and (line[~mask] > 0).any():
                assert line[mask].sum() >= LEAST_GROUP
                assert mask.sum() > 1


def test_nothing_is_hidden_from_whoever_sees_names() -> None:
    assert not hidden_parts([1, 2, 40], least=1).any()
    assert not hidden_cells([[1, 2], [3, 40]], least=1).any()
