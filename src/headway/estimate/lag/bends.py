"""Posterior over sets of change points: the arithmetic behind :mod:`headway.estimate.lag.changepoints`.

Priors, the Bayes factor and their sources are described there.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from headway.estimate.lag.entrants import BoolArray, FloatArray, IntArray

__all__ = [
    "NO_CHANGE_PRIOR",
    "BendPosterior",
    "PiecewiseSample",
    "dates_of",
    "points_before",
    "sums_of_squares",
]

#: Prior probability of a straight line.
NO_CHANGE_PRIOR = 0.5
#: A line that leaves less than this share of the squares unexplained is exact: nothing is left to
#: tell bends apart with.
_EXACT = 1e-18


@dataclass(frozen=True, slots=True)
class PiecewiseSample:
    """One line with bends per draw, sampled from its posterior (model, bends, line, error).

    Parameters
    ----------
    intercept, slope : array, shape (draws,)
        Level at ``origin`` and slope there of the line without its bends.
    bend : array, shape (draws, max_points)
        Change of slope; 0 where there is none.
    change_dates : array, shape (draws, max_points), years
        ``nan`` where there is none.
    sigma : array, shape (draws,)
        Standard deviation of an error of weight 1.
    origin : float, years
    """

    intercept: FloatArray
    slope: FloatArray
    bend: FloatArray
    change_dates: FloatArray
    sigma: FloatArray
    origin: float

    def level_at(self, t: ArrayLike) -> FloatArray:
        """Sampled level at time ``t`` (years; a number or one per draw), shape (draws,)."""
        when = np.asarray(t, dtype=np.float64)
        since = np.maximum(np.nan_to_num(when[..., None] - self.change_dates), 0.0)
        bends: FloatArray = np.sum(self.bend * since, axis=1)
        return self.intercept + self.slope * (when - self.origin) + bends

    def slope_at(self, t: ArrayLike) -> FloatArray:
        """Sampled slope just after time ``t``, per year, shape (draws,)."""
        when = np.asarray(t, dtype=np.float64)
        past = when[..., None] >= self.change_dates  # nan compares false
        bends: FloatArray = np.sum(np.where(past, self.bend, 0.0), axis=1)
        return self.slope + bends


@dataclass(frozen=True, slots=True)
class Squares:
    """What the data say: the line alone, and the bends after the line is taken out.

    ``line`` (draws, 2) is the least-squares line, ``rss`` (draws,) its residual sum of squares,
    ``total`` (draws,) the sum of squares about 0; ``gram`` (1 or draws, G, G) and ``cross``
    (draws, G) are those of the hinges made orthogonal to the line; ``onto`` (1 or draws, 2, G)
    holds the line in each hinge and ``spread`` (1 or draws, 2, 2) the inverse Gram matrix of the
    line.
    """

    line: FloatArray
    rss: FloatArray
    total: FloatArray
    gram: FloatArray
    cross: FloatArray
    onto: FloatArray
    spread: FloatArray


def sums_of_squares(basis: FloatArray, values: FloatArray, weight: FloatArray) -> Squares:
    """Regress the hinges and the values on the line (basis columns 0 and 1)."""
    weighted = basis * weight[..., None]
    gram = np.swapaxes(weighted, 1, 2) @ basis
    if len(weighted) == 1:
        cross = values @ weighted[0]
    else:
        cross = np.einsum("dnb,dn->db", weighted, values)
    spread = _inverse_2x2(gram[:, :2, :2])
    onto = spread @ gram[:, :2, 2:]
    line = np.einsum("dij,dj->di", np.broadcast_to(spread, (len(values), 2, 2)), cross[:, :2])
    # residuals themselves, not a difference of large sums: an exact line must leave nothing
    residual = values - np.einsum(
        "dnb,db->dn", np.broadcast_to(basis[..., :2], (len(values), *basis.shape[1:2], 2)), line
    )
    hinges = basis[..., 2:] - basis[..., :2] @ onto
    weighted_hinges = hinges * weight[..., None]
    inner = np.swapaxes(weighted_hinges, 1, 2) @ hinges
    if len(weighted_hinges) == 1:
        outer = residual @ weighted_hinges[0]
    else:
        outer = np.einsum("dng,dn->dg", weighted_hinges, residual)
    return Squares(
        line=line,
        rss=np.sum(weight * residual**2, axis=1),
        total=np.sum(weight * values**2, axis=1),
        gram=inner,
        cross=outer,
        onto=onto,
        spread=spread,
    )


@dataclass(frozen=True, slots=True)
class BendPosterior:
    """Posterior over models: every admissible set of change points.

    ``sets[k]`` (m_k, k) are places on the grid, ``probability[k]`` (draws, m_k) their posterior
    probabilities and ``bends[k]`` (draws, m_k, k) the least-squares bends. ``points`` (draws,) are
    used, ``worth`` (draws,) independent ones.
    """

    squares: Squares
    points: IntArray
    worth: FloatArray
    sets: tuple[IntArray, ...]
    probability: tuple[FloatArray, ...]
    bends: tuple[FloatArray, ...]

    @classmethod
    def build(
        cls,
        squares: Squares,
        before: IntArray,
        points: IntArray,
        worth: FloatArray,
        max_points: int,
        min_segment: int,
    ) -> BendPosterior:
        """Marginal likelihood of every set of change points."""
        size = before.shape[1]
        g = worth
        exact = squares.rss <= _EXACT * np.maximum(squares.total, np.finfo(np.float64).tiny)
        rss = np.where(exact, 1.0, squares.rss)
        sets = [np.zeros((1, 0), dtype=np.int64)]
        bends = [np.zeros((len(rss), 1, 0))]
        scores = [np.full((len(rss), 1), np.log(NO_CHANGE_PRIOR if max_points else 1.0))]
        for count in range(1, max_points + 1):
            places = np.array(list(combinations(range(size), count)), dtype=np.int64)
            places = places.reshape(-1, count)
            allowed = _admissible(places, before, points, min_segment)
            keep = allowed.any(axis=0)
            places, allowed = places[keep], allowed[:, keep]
            found, explained, regular = _least_squares(squares, places)
            allowed = allowed & regular & ~exact[:, None]
            left = np.clip(1.0 - explained / rss[:, None], 0.0, 1.0)
            free = np.maximum(worth - 2.0, 0.0)[:, None]
            log_factor = 0.5 * np.maximum(free - count, 0.0) * np.log1p(g)[:, None]
            log_factor = log_factor - 0.5 * free * np.log1p(g[:, None] * left)
            number = allowed.sum(axis=1, keepdims=True)
            share = (1.0 - NO_CHANGE_PRIOR) / max_points
            prior = np.log(share / np.maximum(number, 1))
            scores.append(np.where(allowed, log_factor + prior, -np.inf))
            sets.append(places)
            bends.append(found)
        rows = max(len(part) for part in scores)
        scores = [np.broadcast_to(part, (rows, part.shape[1])) for part in scores]
        highest = np.max([part.max(axis=1, initial=-np.inf) for part in scores], axis=0)
        weight = [np.exp(part - highest[:, None]) for part in scores]
        total = sum(part.sum(axis=1) for part in weight)
        probability = tuple(part / np.asarray(total)[:, None] for part in weight)
        return cls(squares, points, worth, tuple(sets), probability, tuple(bends))

    def broadcast(self, draws: int) -> BendPosterior:
        """With one row per draw everywhere that is read per draw."""
        points = np.broadcast_to(self.points, (draws,))
        worth = np.broadcast_to(self.worth, (draws,))
        return BendPosterior(self.squares, points, worth, self.sets, self.probability, self.bends)

    @property
    def p_count(self) -> FloatArray:
        """Probability of each number of change points, (draws, max_points + 1)."""
        return np.stack([part.sum(axis=1) for part in self.probability], axis=1)

    @property
    def shrinkage(self) -> FloatArray:
        """Posterior mean of a bend over its least-squares value, (draws,)."""
        out: FloatArray = self.worth / (1.0 + self.worth)
        return out

    def p_at(self) -> FloatArray:
        """Probability of a change point at each candidate date, (draws, G)."""
        return self._summed([np.ones_like(bend) for bend in self.bends])

    def mean_bends(self) -> FloatArray:
        """Posterior mean bend at each candidate date, (draws, G)."""
        return self.shrinkage[:, None] * self._summed(list(self.bends))

    def line_with(self, bend: FloatArray) -> FloatArray:
        """Level and slope of the line that goes with bends (draws, G), (draws, 2)."""
        out: FloatArray = self.squares.line - np.einsum(
            "dij,dj->di", np.broadcast_to(self.squares.onto, (len(bend), 2, bend.shape[1])), bend
        )
        return out

    def _summed(self, values: list[FloatArray]) -> FloatArray:
        """Sum over models of probability times a value per change point, (draws, G)."""
        size = self.squares.cross.shape[1]
        out = np.zeros((len(self.probability[0]), size))
        for places, chance, value in zip(self.sets, self.probability, values, strict=True):
            for j in range(places.shape[1]):
                one_hot = np.zeros((len(places), size))
                one_hot[np.arange(len(places)), places[:, j]] = 1.0
                out += (chance * value[..., j]) @ one_hot
        return out

    def choose(self, uniform: FloatArray) -> IntArray:
        """Places of one set per draw at quantile ``uniform`` (draws,); -1 pads."""
        flat = np.concatenate(self.probability, axis=1)
        row = np.sum(np.cumsum(flat, axis=1) < uniform[:, None], axis=1)
        row = np.minimum(row, flat.shape[1] - 1)
        most = len(self.sets) - 1
        table = np.full((flat.shape[1], most), -1, dtype=np.int64)
        at = 0
        for places in self.sets:
            table[at : at + len(places), : places.shape[1]] = places
            at += len(places)
        chosen: IntArray = table[row]
        return chosen

    def sample(self, rng: np.random.Generator, grid: FloatArray, origin: float) -> PiecewiseSample:
        """Model, then error variance, then bends, then line: each given the ones before."""
        if (self.worth <= 2.0).any():
            raise ValueError("a draw with fewer than three points has no error to sample")
        draws, size = self.squares.cross.shape
        chosen = self.choose(np.asarray(rng.random(draws)))
        most = chosen.shape[1]
        real = chosen >= 0
        at = np.where(real, chosen, 0)
        gram = np.broadcast_to(self.squares.gram, (draws, size, size))
        rows = np.arange(draws)[:, None, None]
        inner = gram[rows, at[:, :, None], at[:, None, :]]
        both = real[:, :, None] & real[:, None, :]
        inner = np.where(both, inner, np.eye(most))
        cross = np.where(real, np.take_along_axis(self.squares.cross, at, axis=1), 0.0)
        best = np.linalg.solve(inner, cross[..., None])[..., 0] if most else cross
        shrink = self.shrinkage
        squares = self.squares.rss - shrink * np.sum(best * cross, axis=1)
        freedom = self.worth - 2.0
        variance = np.maximum(squares, 0.0) / (2.0 * rng.standard_gamma(freedom / 2.0))
        noise = rng.standard_normal((draws, most))
        if most:
            lower = np.linalg.cholesky(np.linalg.inv(inner))
            noise = np.einsum("dij,dj->di", lower, noise) * np.sqrt(shrink * variance)[:, None]
        bend = np.where(real, shrink[:, None] * best + noise, 0.0)
        onto = np.broadcast_to(self.squares.onto, (draws, 2, size))
        taken = np.take_along_axis(onto, np.repeat(at[:, None, :], 2, axis=1), axis=2)
        line = self.squares.line - np.einsum("dij,dj->di", taken, bend)
        root = np.linalg.cholesky(np.broadcast_to(self.squares.spread, (draws, 2, 2)))
        shift = np.einsum("dij,dj->di", root, rng.standard_normal((draws, 2)))
        line = line + shift * np.sqrt(variance)[:, None]
        dates = dates_of(chosen, grid)
        # squares are those of all points: worth only a part, they leave a smaller error per point
        sigma = np.sqrt(variance * self.worth / self.points)
        return PiecewiseSample(line[:, 0], line[:, 1], bend, dates, sigma, origin)


def _least_squares(squares: Squares, places: IntArray) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Bends (draws, m, k), squares explained (draws, m), and whether the bends can be told apart."""
    gram, cross = squares.gram, squares.cross
    count = places.shape[1]
    diagonal = np.einsum("dii->di", gram)
    scale = np.maximum(diagonal.max(axis=1, initial=0.0), np.finfo(np.float64).tiny)[:, None]
    if count == 1:
        at = places[:, 0]
        regular = diagonal[:, at] > 1e-12 * scale
        safe = np.where(regular, diagonal[:, at], 1.0)
        bend = cross[:, at] / safe
        return bend[..., None], bend * cross[:, at], np.broadcast_to(regular, bend.shape)
    if count == 2:
        i, j = places.T
        ii, jj, ij = diagonal[:, i], diagonal[:, j], gram[:, i, j]
        determinant = ii * jj - ij * ij
        regular = determinant > 1e-9 * np.maximum(ii * jj, 1e-12 * scale**2)
        safe = np.where(regular, determinant, 1.0)
        first = (jj * cross[:, i] - ij * cross[:, j]) / safe
        second = (ii * cross[:, j] - ij * cross[:, i]) / safe
        explained = first * cross[:, i] + second * cross[:, j]
        return (
            np.stack([first, second], axis=-1),
            explained,
            np.broadcast_to(regular, explained.shape),
        )
    inner = gram[:, places[:, :, None], places[:, None, :]]
    size = np.sqrt(np.maximum(np.einsum("dmii->dmi", inner), 1e-300))
    unit = inner / size[..., :, None] / size[..., None, :]
    regular = np.linalg.det(unit) > 1e-9
    unit = np.where(regular[..., None, None], unit, np.eye(count))
    wanted = cross[:, places]
    bend = np.linalg.solve(unit, (wanted / size)[..., None])[..., 0] / size
    explained = np.sum(bend * wanted, axis=-1)
    return bend, explained, np.broadcast_to(regular, explained.shape)


def _admissible(
    places: IntArray, before: IntArray, points: IntArray, min_segment: int
) -> BoolArray:
    """Whether every segment holds enough points, (1 or draws, m)."""
    edge = np.concatenate(
        [
            np.zeros((len(before), len(places), 1), dtype=np.int64),
            before[:, places],
            np.broadcast_to(points[:, None, None], (len(before), len(places), 1)),
        ],
        axis=2,
    )
    enough: BoolArray = np.all(np.diff(edge, axis=2) >= min_segment, axis=2)
    return enough


def points_before(times: FloatArray, used: BoolArray, grid: FloatArray) -> IntArray:
    """Points used up to each candidate date, (1 or draws, G)."""
    early = (times[..., None] <= grid) & used[..., None]
    return np.asarray(early.sum(axis=1), dtype=np.int64)


def dates_of(chosen: IntArray, grid: FloatArray) -> FloatArray:
    """Dates of places; ``nan`` for -1."""
    return np.where(chosen >= 0, np.append(grid, np.nan)[chosen], np.nan)


def _inverse_2x2(matrix: FloatArray) -> FloatArray:
    """Inverse of symmetric 2 x 2 matrices (..., 2, 2)."""
    a, b, d = matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 1, 1]
    determinant = a * d - b * b
    if (determinant <= 1e-14 * a * d).any():
        raise ValueError("a draw has fewer than two distinct times")
    out = np.stack([np.stack([d, -b], -1), np.stack([-b, a], -1)], -2)
    inverse: FloatArray = out / determinant[..., None, None]
    return inverse
