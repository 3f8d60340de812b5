"""Statistics for small classes. Pure: numbers in, numbers out; each figure carries its n.

Sources: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927);
L. D. Brown, T. T. Cai and A. DasGupta, "Interval estimation for a binomial proportion", Statistical Science 16 (2001);
R. A. Fisher, "On the probable error of a coefficient of correlation", Metron 1 (1921).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

# The normal quantile for 95 %.
Z = 1.959963984540054
# Below that a share says more about chance than about the question: only counts are shown.
FEW = 10


@dataclass(frozen=True, slots=True)
class Proportion:
    """`count` of `n`; 0 ≤ count ≤ n."""

    count: int
    n: int

    @property
    def is_shown(self) -> bool:
        """Whether n is large enough for a share and its interval to mean something."""
        return self.n >= FEW

    @property
    def share(self) -> float | None:
        """0 … 1; None for n = 0."""
        return self.count / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's score interval, 95 %: the true shares that this count does not speak against. None for n = 0."""
        if not self.n:
            return None
        p, n, z2 = self.count / self.n, self.n, Z * Z
        middle = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = Z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        # At the ends the formula is exact, its floating-point value is not.
        low = 0.0 if self.count == 0 else middle - half
        high = 1.0 if self.count == n else middle + half
        return low, high


@dataclass(frozen=True, slots=True)
class Correlation:
    """Pearson's r over n pairs; `r` None where one side never varies or n < 3."""

    r: float | None
    n: int

    @property
    def is_shown(self) -> bool:
        return self.r is not None and self.n >= FEW

    @property
    def interval(self) -> tuple[float, float] | None:
        """Fisher's z interval, 95 %; None without r or with n ≤ 3."""
        if self.r is None or self.n <= 3:
            return None
        if abs(self.r) == 1:
            return self.r, self.r
        middle, half = math.atanh(self.r), Z / math.sqrt(self.n - 3)
        return math.tanh(middle - half), math.tanh(middle + half)


def correlation(xs: Sequence[float], ys: Sequence[float]) -> Correlation:
    """Pearson's r. The two sequences are of one length; raises ValueError otherwise."""
    if len(xs) != len(ys):
        raise ValueError("pairs are needed")
    n = len(xs)
    if n < 3:
        return Correlation(None, n)
    mean_x, mean_y = math.fsum(xs) / n, math.fsum(ys) / n
    dx, dy = [x - mean_x for x in xs], [y - mean_y for y in ys]
    scale = math.sqrt(math.sumprod(dx, dx)) * math.sqrt(math.sumprod(dy, dy))
    if min(map(max, (map(abs, dx), map(abs, dy)))) < 1e-12:
        return Correlation(None, n)
    return Correlation(max(-1.0, min(1.0, math.sumprod(dx, dy) / scale)), n)
