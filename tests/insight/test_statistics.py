"""Shares, intervals and correlations, against SciPy."""

import math

import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from itpm_byte.insight.statistics import FEW, Correlation, Proportion, correlation

COUNTS = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
PAIRS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 20)), min_size=3, max_size=60)


@given(COUNTS)
def test_wilsons_interval_is_scipys(counts):
    count, n = counts
    reference = scipy.stats.binomtest(count, n).proportion_ci(confidence_level=0.95, method="wilson")
    assert Proportion(count, n).interval == pytest.approx((reference.low, reference.high), abs=1e-12)


@given(COUNTS)
def test_the_interval_holds_the_share_and_lies_within_nought_and_one(counts):
    found = Proportion(*counts)
    low, high = found.interval
    assert 0 <= low <= found.share <= high <= 1
    assert low < high


@given(PAIRS)
def test_a_correlation_is_scipys(pairs):
    xs, ys = [float(x) for x, _ in pairs], [float(y) for _, y in pairs]
    found = correlation(xs, ys)
    if len(set(xs)) == 1 or len(set(ys)) == 1:
        assert found == Correlation(None, len(pairs))
        return
    reference = scipy.stats.pearsonr(xs, ys)
    assert found.r == pytest.approx(reference.statistic, abs=1e-9)
    if len(pairs) > 3 and abs(found.r) < 0.9999:
        ends = reference.confidence_interval(0.95)
        assert found.interval == pytest.approx((ends.low, ends.high), abs=1e-9)


def test_nothing_is_said_about_nobody():
    assert (Proportion(0, 0).share, Proportion(0, 0).interval) == (None, None)
    assert correlation([], []) == Correlation(None, 0)
    assert (correlation([1, 2], [2, 1]).r, Correlation(None, 9).interval) == (None, None)


def test_small_numbers_are_not_shown_as_shares():
    assert [Proportion(1, n).is_shown for n in (FEW - 1, FEW)] == [False, True]
    assert [Correlation(0.5, n).is_shown for n in (FEW - 1, FEW)] == [False, True]
    assert Correlation(None, 100).is_shown is False


def test_perfect_agreement_has_no_width_and_pairs_must_be_pairs():
    assert correlation([1, 2, 3, 4], [2, 4, 6, 8]).interval == pytest.approx((1.0, 1.0))
    assert math.isclose(correlation([1, 2, 3, 4], [8, 6, 4, 2]).r, -1)
    with pytest.raises(ValueError):
        correlation([1, 2, 3], [1, 2])
