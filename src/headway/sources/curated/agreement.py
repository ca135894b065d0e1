r"""Does a second reading agree with the first, within the errors that both state?

For every number that both readings have, the difference over its stated standard deviation,

.. math:: z_i = (x_i - y_i) / \sqrt{s_i^2 + u_i^2},

is standard normal where the readings are independent and the errors are as stated. The readings
disagree if the sum of squares is too large for that (chi-squared, upper tail below 0.001), or one
number is (two-sided, Bonferroni over the numbers, below 0.001). Numbers that were copied from print
have no error and must be equal.

The check is blind to what both readers get wrong, such as an axis that is cut off; and readings that
are nearer than their errors say (lower tail below 0.001) are marked, because the second may have
been made with the first in sight.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from headway.sources.curated.document import Document, Reading, Row

__all__ = ["ALPHA", "Agreement", "Difference", "agreements", "compare"]

#: Chance of a false alarm per file where all is well, for each of the two tests.
ALPHA = 0.001
#: Fewer common numbers than this say nothing about readings that are too near.
_MIN_NEAR = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """A number that two readings have; ``z`` is infinite where print was copied differently."""

    first: Row
    second: Row

    @property
    def value(self) -> float:
        """First minus second, in the printed unit."""
        return self.first.value - self.second.value

    @property
    def z(self) -> float:
        sd = math.hypot(self.first.error, self.second.error)
        if sd == 0:
            return 0.0 if self.value == 0 else math.copysign(math.inf, self.value)
        return self.value / sd


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a second reading says about the first.

    Parameters
    ----------
    first, second : str
        The readers.
    status : {"agree", "disagree", "same_reader", "nothing_common"}
    n : int
        Numbers that both have.
    unchecked : int
        Numbers of the first that the second lacks.
    rms, mean : float or None
        Root mean square and mean of first minus second, in the printed unit.
    p_value : float or None
        Upper tail of the sum of squares.
    worst : Difference or None
        The number with the largest ``|z|``.
    outliers : tuple of Difference
        Numbers that differ by themselves.
    is_too_near : bool
        The readings are nearer than their errors say.
    """

    first: str
    second: str
    status: Literal["agree", "disagree", "same_reader", "nothing_common"]
    n: int
    unchecked: int
    rms: float | None = None
    mean: float | None = None
    p_value: float | None = None
    worst: Difference | None = None
    outliers: tuple[Difference, ...] = ()
    is_too_near: bool = False


def compare(first: Reading, second: Reading) -> Agreement:
    """The first reading against a second one."""
    if first.reader.casefold() == second.reader.casefold():
        return Agreement(first.reader, second.reader, "same_reader", 0, len(first.rows))
    theirs = {row.key: row for row in second.rows}
    found = [Difference(row, theirs[row.key]) for row in first.rows if row.key in theirs]
    unchecked = len(first.rows) - len(found)
    if not found:
        return Agreement(first.reader, second.reader, "nothing_common", 0, unchecked)
    from scipy import stats

    n = len(found)
    limit = float(stats.norm.isf(ALPHA / (2 * n)))
    outliers = tuple(one for one in found if abs(one.z) > limit)
    # copied numbers are equal or outliers; they say nothing about the errors of the others
    tested = [one for one in found if one.first.error or one.second.error]
    squares = sum(one.z**2 for one in tested)
    p_value = float(stats.chi2.sf(squares, len(tested))) if tested else None
    near = len(tested) >= _MIN_NEAR and float(stats.chi2.cdf(squares, len(tested))) < ALPHA
    disagree = bool(outliers) or (p_value is not None and p_value < ALPHA)
    return Agreement(
        first=first.reader,
        second=second.reader,
        status="disagree" if disagree else "agree",
        n=n,
        unchecked=unchecked,
        rms=math.sqrt(sum(one.value**2 for one in found) / n),
        mean=sum(one.value for one in found) / n,
        p_value=p_value,
        worst=max(found, key=lambda one: abs(one.z)),
        outliers=outliers,
        is_too_near=near,
    )


def agreements(document: Document) -> tuple[Agreement, ...]:
    """The first reading against every other one; none where nobody read it again."""
    first, *others = document.readings
    return tuple(compare(first, second) for second in others)
