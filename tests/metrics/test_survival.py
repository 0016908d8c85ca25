from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats

from crm_core.metrics.survival import add_histograms, kaplan_meier

# Gehan (1965): weeks in remission on 6-MP, "+" censored, and on placebo.
SIX_MP = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def histograms(text: str) -> tuple[np.ndarray, np.ndarray]:
    events = [int(t) for t in text.split() if not t.endswith("+")]
    censored = [int(t[:-1]) for t in text.split() if t.endswith("+")]
    return np.bincount(events), np.bincount(censored)


def test_gehan_six_mp_gives_the_published_curve():
    curve = kaplan_meier(*histograms(SIX_MP), min_at_risk=1)
    assert curve.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    expected = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert curve.survival.round(4).tolist() == expected
    assert round(float(curve.error[0]), 4) == 0.0764
    assert (round(float(curve.lower[0]), 4), round(float(curve.upper[0]), 4)) == (0.6197, 0.9516)
    assert (curve.median, curve.n, curve.n_events) == (23, 21, 9)


def test_gehan_placebo_median_is_eight_weeks():
    curve = kaplan_meier(*histograms(PLACEBO), min_at_risk=1)
    assert curve.median == 8
    assert curve.end == 0.0
    assert (curve.error[-1], curve.lower[-1]) == (0.0, 0.0)
    assert curve.upper[-1] == curve.upper[-2]


def test_curve_stops_where_fewer_than_twenty_are_watched():
    events, censored = np.array([0, 5, 5, 5]), np.array([0, 0, 0, 12])
    curve = kaplan_meier(events, censored)  # 27, 22 and 17 watched on days 1, 2 and 3
    assert (curve.times.tolist(), curve.horizon) == ([1, 2], 2)
    assert curve.at(3) is None
    assert curve.share_by(2) == pytest.approx(10 / 27)


def test_curve_of_many_stops_at_two_percent():
    events = np.array([0, 1900, 70, 30])
    curve = kaplan_meier(events, np.zeros(1, dtype=np.int64))
    assert curve.horizon == 2  # 100 watched on day 2, 30 on day 3; 40 are needed


def test_median_may_never_be_reached():
    curve = kaplan_meier(np.array([0, 4]), np.array([0, 0, 36]))
    assert curve.median is None
    assert curve.quantile_among_events(0.5) == 1


def test_without_durations_nothing_is_computable():
    curve = kaplan_meier(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
    assert (curve.status, curve.horizon, curve.at(0)) == ("not computable", -1, None)
    assert "at least 20" in str(curve.reason)
    assert curve.quantile_among_events(0.5) is None


def test_few_events_make_a_curve_thin():
    curve = kaplan_meier(np.array([0, 3]), np.array([0, 0, 40]))
    assert (curve.status, curve.reason) == ("thin", "only 3 of 43 seen to the end so far")


def test_before_the_first_event_everybody_is_left():
    curve = kaplan_meier(np.array([0, 0, 0, 30]), np.array([0]))
    assert (curve.at(2), curve.band_by(2)) == (1.0, (0.0, 0.0))


durations = st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=60)


@settings(max_examples=60)
@given(durations)
def test_curve_equals_scipys_for_any_durations(cases):
    seen = [day for day, ended in cases if ended]
    lost = [day for day, ended in cases if not ended]
    counts = [np.bincount(np.array(days, dtype=np.int64), minlength=1) for days in (seen, lost)]
    curve = kaplan_meier(counts[0], counts[1], min_at_risk=1)
    if not seen:
        assert len(curve.times) == 0
        return
    theirs = stats.ecdf(stats.CensoredData(uncensored=seen, right=lost)).sf
    at = np.searchsorted(theirs.quantiles, curve.times)
    np.testing.assert_allclose(curve.survival, theirs.probabilities[at], atol=1e-12)


@settings(max_examples=40)
@given(durations)
def test_curve_never_rises_and_lies_within_its_band(cases):
    seen = np.bincount([d for d, ended in cases if ended] or [0])
    seen[0] = 0
    lost = np.bincount([d for d, ended in cases if not ended] or [0])
    curve = kaplan_meier(seen, lost, min_at_risk=1)
    assert (np.diff(curve.survival) <= 0).all()
    assert (curve.lower <= curve.survival + 1e-12).all()
    assert (curve.survival <= curve.upper + 1e-12).all()


def test_histograms_of_different_length_add_up():
    assert add_histograms([]).tolist() == []
    assert add_histograms([np.array([1]), np.array([1, 0, 2])]).tolist() == [2, 0, 2]
