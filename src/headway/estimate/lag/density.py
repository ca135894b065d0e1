r"""Capability density: how many parameters a fixed ability needs, and how fast that falls.

The ability of open-weight models is a plane in size and date,

.. math:: \theta_m = a + b \log_{10} N_m + c\, t_m + r_m ,

so that a level :math:`L` needs :math:`\log_{10} N = (L - a - c t)/b` parameters at date
:math:`t`, and the need changes by the factor :math:`10^{-c/b}` a year. Sizes and dates are known
exactly; only abilities carry error. That is an ordinary regression, weighted by the precision of
each ability; nothing is attenuated as long as the abilities given are not shrunk towards a trend
in time (see :mod:`headway.estimate.lag.likelihood`).

**Curvature.** With ``curved`` a term :math:`q (\log_{10} N)^2` is added. Where it is negative another
factor of ten in size buys less ability for large models than for small ones, so that the yearly
factor depends on the size at which it is read (:meth:`Density.decades_per_year_at`), and a level
above the top of the curve is reached by no size.

**Uncertainty.** One fit per draw of ability, plus the sampling error of the fit: models of one
laboratory share data and methods, so laboratories are the independent units, and the covariance
of the coefficients is cluster-robust with few-cluster corrections (:func:`cluster_noise`).

**Two other readings**, because "needed" may mean the typical model or the best one:

:func:`record_rate`
    the "densing law" of Xiao et al. (2024, arXiv:2412.04315): each model's density is the size
    that the plane says its ability takes over the size it has; a line through the record densities
    against date;
:func:`smallest_rate`
    no plane at all: the smallest model at or above a level, for a ladder of levels, and the common
    slope of its logarithm against date (levels as fixed effects).

Both follow records, so they describe the best laboratory and not the typical one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headway.errors import BadValue, NotEnoughData
from headway.estimate.lag.entrants import FloatArray

__all__ = [
    "MIN_LABS",
    "MIN_MODELS",
    "Curvature",
    "Density",
    "cluster_noise",
    "density_missing",
    "fit_curvature",
    "fit_density",
    "halving_months",
    "record_rate",
    "smallest_rate",
    "smallest_size",
]

#: Fewer models or laboratories than this carry no plane with an interval.
MIN_MODELS = 12
MIN_LABS = 5
#: Sizes must span a factor of ten and dates a year, or the two slopes cannot be told apart.
MIN_DECADES = 1.0
MIN_YEARS = 1.0


@dataclass(frozen=True)
class Density:
    """Planes of ability in size and date, one per draw.

    Parameters
    ----------
    level : array, shape (n_draws,), logits
        Ability at ``at_size`` and ``at_year``.
    per_decade : array, shape (n_draws,), logits per factor of ten in parameters
    per_year : array, shape (n_draws,), logits per year at fixed size
    spread : array, shape (n_draws,), logits
        Standard deviation of models around the plane, measurement error taken out.
    bend : array, shape (n_draws,), logits per decade^2
        Curvature in size; 0 for a plane. ``per_decade`` is then the slope at ``at_size``.
    at_size, at_year : float
        Where ``level`` is read: log10 parameters, years.
    size_range, year_range : tuple of float
        What was seen; outside it the plane is an extrapolation.
    n, n_clusters : int
        Models, laboratories.
    """

    level: FloatArray
    per_decade: FloatArray
    per_year: FloatArray
    spread: FloatArray
    bend: FloatArray
    at_size: float
    at_year: float
    size_range: tuple[float, float]
    year_range: tuple[float, float]
    n: int
    n_clusters: int

    @property
    def defined(self) -> np.ndarray:
        """(n_draws,) bool: larger models are more able, so that "needed" has a meaning."""
        return np.asarray(self.per_decade > 0)

    def needed(self, level: FloatArray, t_years: float | FloatArray) -> FloatArray:
        """log10 of the parameters that ``level`` needs at a date.

        Parameters
        ----------
        level : array, shape (n_draws,), logits
        t_years : float or array, shape (n_draws,)
            In the years that the fit was given.

        Returns
        -------
        array, shape (n_draws,)
            NaN in a draw that is not :attr:`defined`; with a bend, ``inf`` where no size reaches
            the level and ``-inf`` where every size does. May lie outside :attr:`size_range`.
        """
        rise = np.asarray(level - self.level - self.per_year * (t_years - self.at_year))
        inside = self.per_decade**2 + 4 * self.bend * rise
        root = np.sqrt(np.maximum(inside, 0.0))
        size = self.at_size + 2 * rise / np.where(self.defined, self.per_decade + root, np.nan)
        beyond = np.where(self.bend < 0, np.inf, -np.inf)
        return np.where(self.defined & (inside < 0), beyond, size)

    def ability(self, log10_params: float | FloatArray, t_years: float | FloatArray) -> FloatArray:
        """(n_draws,) ability of the typical model of a size at a date, logits."""
        step = np.asarray(log10_params - self.at_size)
        return np.asarray(
            self.level
            + self.per_decade * step
            + self.bend * step**2
            + self.per_year * (t_years - self.at_year)
        )

    def decades_per_year_at(self, log10_params: float) -> FloatArray:
        """(n_draws,) fall of log10 parameters at equal ability per year, read at a size.

        ``inf`` where size does not matter while ability rises with time (any smaller model will
        do next year), NaN where ability depends on neither.
        """
        slope = self.per_decade + 2 * self.bend * (log10_params - self.at_size)
        rate = self.per_year / np.where(slope > 0, slope, 1.0)
        return np.where(slope > 0, rate, np.where(self.per_year > 0, np.inf, np.nan))

    @property
    def decades_per_year(self) -> FloatArray:
        """(n_draws,) the same at the mean size; of a plane it is the same everywhere."""
        return self.decades_per_year_at(self.at_size)

    @property
    def yearly_factor(self) -> FloatArray:
        """(n_draws,) factor by which the parameters needed change in a year (0.25: a quarter)."""
        return np.asarray(10.0**-self.decades_per_year)

    @property
    def halving_months(self) -> FloatArray:
        """(n_draws,) months in which the parameters needed halve; see :func:`halving_months`."""
        return halving_months(self.decades_per_year)


def halving_months(decades_per_year: FloatArray) -> FloatArray:
    """Months to halve at a yearly fall of log10 parameters; ``inf`` at 0 or less, NaN stays."""
    rate = np.asarray(decades_per_year, dtype=np.float64)
    falling = rate > 0
    months = 12.0 * np.log10(2.0) / np.where(falling, rate, 1.0)
    return np.where(np.isnan(rate), np.nan, np.where(falling, months, np.inf))


def density_missing(
    log10_params: FloatArray, years: FloatArray, lab: Sequence[str]
) -> tuple[str, ...]:
    """What the models lack for a plane, as message keys; empty if it can be fitted."""
    missing = []
    labs = len(set(lab))
    if len(log10_params) < MIN_MODELS:
        missing.append(f"too_few_sized:{len(log10_params)}<{MIN_MODELS}")
    if labs < MIN_LABS:
        missing.append(f"too_few_labs:{labs}<{MIN_LABS}")
    if len(log10_params):
        if np.ptp(log10_params) < MIN_DECADES:
            missing.append("sizes_too_alike")
        if np.ptp(years) < MIN_YEARS:
            missing.append("dates_too_alike")
    return tuple(missing)


def fit_density(
    theta: FloatArray,
    log10_params: FloatArray,
    years: FloatArray,
    lab: Sequence[str],
    *,
    variance: FloatArray | None = None,
    curved: bool = False,
    rng: np.random.Generator,
) -> Density:
    r"""One plane per draw of ability, with the sampling error over laboratories.

    Parameters
    ----------
    theta : array, shape (n_draws, m), logits
        Abilities of open-weight models in one domain or stage.
    log10_params : array, shape (m,)
        log10 of the number of parameters (any unit, the same for all).
    years : array, shape (m,)
        Date on which the weights could be downloaded, in years from any origin.
    lab : sequence of str, length m
        Cluster of each model.
    variance : array, shape (m,), logits^2, optional
        Measurement variance of each ability that does **not** show in the spread over draws, as
        :meth:`Likelihoods.single` gives it. Models are weighted by
        :math:`1/(\tau^2 + s_m^2)`, with :math:`\tau` (the spread around the plane) estimated by
        the moment equation of DerSimonian & Laird (1986, doi:10.1016/0197-2456(86)90046-2),
        iterated. Without it all models weigh the same.
    curved : bool
        Add the squared size.
    rng : numpy.random.Generator
        For the sampling error.

    Returns
    -------
    Density

    Raises
    ------
    BadValue
        Shapes that do not fit, or values that are not finite.
    NotEnoughData
        See :func:`density_missing`.
    """
    theta = np.asarray(theta, dtype=np.float64)
    size = np.asarray(log10_params, dtype=np.float64)
    year = np.asarray(years, dtype=np.float64)
    _check(theta, size, year, lab)
    missing = density_missing(size, year, lab)
    if missing:
        raise NotEnoughData(f"no density: {', '.join(missing)}", missing=list(missing))
    noise = np.zeros(len(size)) if variance is None else np.asarray(variance, dtype=np.float64)
    x0, t0 = float(size.mean()), float(year.mean())
    columns = [np.ones_like(size), size - x0, year - t0]
    if curved:
        columns.append((size - x0) ** 2)
    basis = np.column_stack(columns)
    beta, spread = _surface(theta, basis, noise, lab, rng)
    return Density(
        level=beta[:, 0],
        per_decade=beta[:, 1],
        per_year=beta[:, 2],
        spread=spread,
        bend=beta[:, 3] if curved else np.zeros(len(beta)),
        at_size=x0,
        at_year=t0,
        size_range=(float(size.min()), float(size.max())),
        year_range=(float(year.min()), float(year.max())),
        n=len(size),
        n_clusters=len(set(lab)),
    )


@dataclass(frozen=True)
class Curvature:
    """Does the plane bend? Coefficients of a quadratic surface, one per draw.

    ``size_size`` (logits per decade^2), ``year_year`` (logits per year^2), ``size_year`` (logits per
    decade and year): the last says whether small models catch up faster than large ones.
    """

    size_size: FloatArray
    year_year: FloatArray
    size_year: FloatArray


def fit_curvature(
    theta: FloatArray,
    log10_params: FloatArray,
    years: FloatArray,
    lab: Sequence[str],
    *,
    variance: FloatArray | None = None,
    rng: np.random.Generator,
) -> Curvature:
    """The second-order terms of ability in size and date (arguments as :func:`fit_density`)."""
    size, year = np.asarray(log10_params, float), np.asarray(years, float)
    noise = np.zeros(len(size)) if variance is None else np.asarray(variance, float)
    x, t = size - size.mean(), year - year.mean()
    basis = np.column_stack([np.ones_like(x), x, t, x * x, t * t, x * t])
    beta, _ = _surface(np.asarray(theta, float), basis, noise, lab, rng)
    return Curvature(beta[:, 3], beta[:, 4], beta[:, 5])


def cluster_noise(
    residual: FloatArray,
    basis: FloatArray,
    weight: FloatArray,
    cluster: Sequence[str],
    draws: int,
    rng: np.random.Generator,
) -> FloatArray:
    r"""Sampling error of weighted least squares whose residuals are correlated within clusters.

    The bias-reduced cluster-robust covariance CR2 of Bell & McCaffrey (2002) with Satterthwaite
    degrees of freedom, as set out by Pustejovsky & Tipton (2018,
    doi:10.1080/07350015.2016.1247004); errors are drawn from a multivariate t with the smallest
    degrees of freedom of any slope. With eight clusters of unequal size the plain cluster
    bootstrap covers 73-79 % where it says 90 %; this covers 87-92 % (docs/methods/density.md).

    Parameters
    ----------
    residual : array, shape (m,)
    basis : array, shape (m, p)
        First column constant.
    weight : array, shape (m,)
    cluster : sequence of str, length m
    draws : int
    rng : numpy.random.Generator

    Returns
    -------
    array, shape (draws, p)
    """
    root = np.sqrt(weight)
    x, e = basis * root[:, None], residual * root
    bread = np.linalg.inv(x.T @ x)
    leave = np.eye(len(e)) - x @ bread @ x.T
    names, code = np.unique(np.asarray(cluster), return_inverse=True)
    scores, parts = [], []
    for g in range(len(names)):
        at = np.flatnonzero(code == g)
        own = leave[np.ix_(at, at)]
        values, vectors = np.linalg.eigh((own + own.T) / 2)
        half = np.where(values > 1e-8, 1 / np.sqrt(np.maximum(values, 1e-8)), 0.0)
        adjust = (vectors * half) @ vectors.T
        scores.append(bread @ (x[at].T @ (adjust @ e[at])))
        parts.append(leave[:, at] @ (adjust @ (x[at] @ bread)))  # (m, p)
    score = np.array(scores)
    covariance = score.T @ score
    freedom = np.inf
    for k in range(1, basis.shape[1]):
        column = np.array([part[:, k] for part in parts])
        gram = column @ column.T
        freedom = min(freedom, float(np.trace(gram) ** 2 / (gram**2).sum()))
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    factor = vectors * np.sqrt(np.maximum(values, 0.0))
    freedom = max(freedom, 2.0)
    stretch = np.sqrt(freedom / rng.chisquare(freedom, size=draws))
    noise = rng.standard_normal((draws, basis.shape[1])) * stretch[:, None]
    return np.asarray(noise @ factor.T)


def _surface(
    theta: FloatArray,
    basis: FloatArray,
    noise: FloatArray,
    lab: Sequence[str],
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """Coefficients per draw with their sampling error added (draws, p), and the spread (draws,)."""
    beta, spread = _planes(theta, basis, noise)
    residual = theta.mean(axis=0) - basis @ beta.mean(axis=0)
    weight = 1 / (float(np.mean(spread**2)) + noise)
    return beta + cluster_noise(residual, basis, weight, lab, len(beta), rng), spread


def _planes(
    theta: FloatArray, basis: FloatArray, noise: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Weighted least squares per draw with the spread estimated: (draws, p), (draws,)."""
    draws, count = theta.shape
    spread2 = np.full(draws, 0.25)
    beta = np.zeros((draws, basis.shape[1]))
    for _ in range(25):
        weight = 1 / (spread2[:, None] + noise)
        gram = np.einsum("dm,mp,mq->dpq", weight, basis, basis, optimize=True)
        right = np.einsum("dm,mp->dp", weight * theta, basis)
        beta = np.linalg.solve(gram, right[:, :, None])[:, :, 0]
        residual2 = (theta - beta @ basis.T) ** 2
        precision = 1 / (spread2[:, None] + noise)
        # E sum p r^2 = (m - p) at the true spread; a Newton step in spread^2
        excess = (precision * residual2).sum(axis=1) - (count - basis.shape[1])
        slope = (precision**2 * residual2).sum(axis=1)
        new = np.maximum(spread2 + excess / np.maximum(slope, 1e-12), 1e-4)
        if np.abs(np.log(new / spread2)).max() < 1e-4:
            spread2 = new
            break
        spread2 = new
    return beta, np.sqrt(spread2)


def record_rate(
    theta: FloatArray,
    log10_params: FloatArray,
    years: FloatArray,
    per_decade: FloatArray,
    *,
    since: float = -np.inf,
    min_records: int = 4,
) -> FloatArray:
    r"""Growth of the record density, in decades a year (the rule of the "densing law").

    The density of a model is the size that its ability takes on a reference curve over its own
    size: :math:`\log_{10}\rho_m = \theta_m / b - \log_{10} N_m` up to a constant, :math:`b` the
    slope of ability in size. Record densities (new highs, in date order) are regressed on date by
    least squares, per draw.

    Parameters
    ----------
    theta : array, shape (n_draws, m)
        Posterior abilities: a record among raw values would be a record of noise.
    per_decade : array, shape (n_draws,)
        From :class:`Density`.
    since : float
        Records before it do not enter the line.
    min_records : int
        Draws with fewer records give NaN.

    Returns
    -------
    array, shape (n_draws,)
    """
    order = np.argsort(years, kind="stable")
    t = np.asarray(years, float)[order]
    with np.errstate(divide="ignore", invalid="ignore"):
        safe = np.where(per_decade > 0, per_decade, np.nan)[:, None]
        rho = theta[:, order] / safe - np.asarray(log10_params, float)[order]
    best = np.maximum.accumulate(rho, axis=1)
    record = np.ones(rho.shape, dtype=bool)
    record[:, 1:] = best[:, 1:] > best[:, :-1]
    record &= t >= since
    count = record.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_t = (record * t).sum(axis=1) / count
        mean_y = np.where(record, rho, 0).sum(axis=1) / count
        dt = np.where(record, t - mean_t[:, None], 0.0)
        slope = (dt * np.where(record, rho - mean_y[:, None], 0.0)).sum(axis=1) / (dt**2).sum(
            axis=1
        )
    return np.asarray(np.where(count >= min_records, slope, np.nan))


def smallest_size(
    theta: FloatArray, log10_params: FloatArray, years: FloatArray, level: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Smallest model at or above a level, over time.

    Parameters
    ----------
    theta : array, shape (n_draws, m)
        Posterior abilities.
    level : array, shape (n_draws,)

    Returns
    -------
    dates : array, shape (m,)
        Sorted years.
    smallest : array, shape (n_draws, m)
        log10 of the smallest size at or above ``level`` among models up to each date; ``inf``
        before the first.
    """
    order = np.argsort(years, kind="stable")
    size = np.where(theta[:, order] >= level[:, None], np.asarray(log10_params)[order], np.inf)
    return np.asarray(years, float)[order], np.minimum.accumulate(size, axis=1)


def smallest_rate(
    theta: FloatArray,
    log10_params: FloatArray,
    years: FloatArray,
    levels: Sequence[FloatArray],
    *,
    until: float,
) -> FloatArray:
    """Common yearly fall of the smallest size over a ladder of levels, decades a year.

    For each level the points are the dates at which the smallest size falls (the first model
    included) and ``until``, where it still stands; the slope is the least-squares slope with one
    intercept per level.

    Parameters
    ----------
    theta : array, shape (n_draws, m)
    levels : sequence of arrays, shape (n_draws,)
    until : float, years

    Returns
    -------
    array, shape (n_draws,)
        NaN in draws where no level has two dates.
    """
    draws = theta.shape[0]
    top, bottom = np.zeros(draws), np.zeros(draws)
    for level in levels:
        t, smallest = smallest_size(theta, log10_params, years, level)
        fell = np.isfinite(smallest)
        fell[:, 1:] &= smallest[:, 1:] < smallest[:, :-1]
        reached = np.isfinite(smallest[:, -1])
        use = np.column_stack([fell, reached])
        when = np.append(t, until)
        value = np.column_stack(
            [np.where(fell, smallest, 0.0), np.where(reached, smallest[:, -1], 0)]
        )
        count = np.maximum(use.sum(axis=1), 1)
        mean_t = (use * when).sum(axis=1) / count
        mean_v = (use * value).sum(axis=1) / count
        dt = use * (when - mean_t[:, None])
        top += (dt * (value - mean_v[:, None])).sum(axis=1)
        bottom += (dt**2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(bottom > 1e-6, -top / bottom, np.nan))


def _check(theta: FloatArray, size: FloatArray, year: FloatArray, lab: Sequence[str]) -> None:
    count = len(size)
    if theta.ndim != 2 or theta.shape[1] != count or len(year) != count or len(lab) != count:
        raise BadValue(
            f"abilities {theta.shape}, sizes {size.shape}, dates {year.shape} and "
            f"{len(lab)} laboratories do not fit together"
        )
    for name, values in (("ability", theta), ("size", size), ("date", year)):
        if not np.isfinite(values).all():
            raise BadValue(f"a {name} is not finite; leave such models out")
