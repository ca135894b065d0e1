r"""Parametric survival of headway: a share matched at launch, and a distribution for the rest.

With probability :math:`p_0` a closed record-setter is already matched at its launch (headway 0).
Otherwise :math:`\log T` has location :math:`\mu`, scale :math:`s` and one of three shapes: smallest
extreme value (Weibull :math:`T`), normal (log-normal) or logistic (log-logistic). All have two
parameters, so their Akaike weights are likelihood ratios [1]_; answers are averages over the three.

The likelihood honours right-censoring, :math:`\sum_i w_i\{\delta_i \log f(t_i) + (1 - \delta_i)
\log S(t_i)\}`. In :math:`(a, b) = (-\mu/s, 1/s)` it is concave for all three [2]_, so Newton's
method with step halving finds its only maximum. :func:`scipy.stats.rv_continuous.fit` on
``CensoredData`` finds the same (tests); it takes neither weights nor many samples at once, which a
bootstrap over draws needs.

References
----------
.. [1] Burnham & Anderson (2002), Model Selection and Multimodel Inference, doi:10.1007/b97636
.. [2] Pratt (1981), Concavity of the log likelihood, doi:10.1080/01621459.1981.10477613
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from headway.estimate.lag.entrants import BoolArray, FloatArray, IntArray

__all__ = ["FAMILIES", "EraSurvival", "HeadwaySurvival", "fit_durations", "fit_headway"]

#: Shapes of the distribution, in the order of every ``(..., 3)`` array here.
FAMILIES = ("weibull", "log_normal", "log_logistic")
#: Two parameters need two different event times.
_MIN_EVENTS = 2
_NEWTON_STEPS = 60
_TOLERANCE = 1e-9
#: ``exp`` of more than this is not needed: survival is 0 there.
_LARGEST = 60.0


@dataclass(frozen=True, slots=True)
class EraSurvival:
    """Survival of one era's headways, for one sample or for many (rows).

    Parameters
    ----------
    p_zero : array, shape (rows,)
        Share matched at launch.
    intercept, rate : array, shape (rows, 3)
        :math:`a` and :math:`b` of each family: :math:`z = a + b \\log t`, months.
    weight : array, shape (rows, 3)
        Akaike weights, summing to 1.
    fitted : array of bool, shape (rows,)
        Whether the sample could be fitted: at least two different event times above 0, or none
        above 0 at all and no censored one. Otherwise every answer of that row is ``nan``.
    n, events : array, shape (rows,)
        Weight of all record-setters, and of those matched (zeros included).
    longest : array, shape (rows,)
        Longest time observed, months; beyond it answers are extrapolated.
    """

    p_zero: FloatArray
    intercept: FloatArray
    rate: FloatArray
    weight: FloatArray
    fitted: BoolArray
    n: FloatArray
    events: FloatArray
    longest: FloatArray

    def survival(self, months: FloatArray) -> FloatArray:
        """Probability of a headway longer than ``months`` (m,), all >= 0; shape (rows, m)."""
        months = np.asarray(months, dtype=np.float64)
        with np.errstate(divide="ignore"):
            log_t = np.log(months)
        parts = self._parts(np.broadcast_to(log_t, (len(self.p_zero), len(log_t))))
        beyond = np.einsum("rfm,rf->rm", parts, self.weight)
        out: FloatArray = (1.0 - self.p_zero)[:, None] * beyond
        out = np.where((self.p_zero >= 1.0)[:, None], 0.0, out)
        return np.where(self.fitted[:, None], out, np.nan)

    def quantile(self, p: float) -> FloatArray:
        """Time by which a share ``p`` is matched, months, shape (rows,); bisection on the mixture."""
        if not 0 < p < 1:
            raise ValueError(f"p must lie between 0 and 1, got {p}")
        rest = (1.0 - p) / np.where(self.p_zero < 1.0, 1.0 - self.p_zero, 1.0)
        at_once = self.p_zero >= p
        out = self._inverse(np.where(at_once | ~self.fitted, 0.5, rest), self.weight)
        out = np.where(at_once, 0.0, out)
        return np.where(self.fitted, out, np.nan)

    def sample(
        self,
        n: int,
        rng: np.random.Generator,
        given_at_least: float | FloatArray = 0.0,
        *,
        rows: IntArray | None = None,
    ) -> FloatArray:
        """Headways, months.

        Parameters
        ----------
        n : int
        rng : Generator
        given_at_least : float or array, shape (n,), months
            Not matched for so long; with 0 a launch that is matched at once is possible.
        rows : int array, shape (n,), optional
            Which sample's fit each headway is drawn from; by default one of the fitted at random.

        Returns
        -------
        array, shape (n,)
            ``nan`` from rows that could not be fitted.
        """
        if rows is None:
            good = np.flatnonzero(self.fitted)
            if not len(good):
                return np.full(n, np.nan)
            rows = rng.choice(good, size=n)
        past = np.broadcast_to(np.asarray(given_at_least, dtype=np.float64), (n,))
        with np.errstate(divide="ignore"):
            log_past = np.log(past)[:, None]
        picked = EraSurvival(*(getattr(self, name)[rows] for name in _FIELDS))
        alive = picked._parts(log_past)[:, :, 0]
        chance = picked.weight * alive
        total = chance.sum(axis=1, keepdims=True)
        chance = np.where(total > 0, chance / np.where(total > 0, total, 1.0), picked.weight)
        family = np.sum(np.cumsum(chance, axis=1) < rng.random(n)[:, None], axis=1)
        family = np.minimum(family, len(FAMILIES) - 1)
        at = np.arange(n)
        target = rng.random(n) * alive[at, family]
        z = _inverse_survival(target)[at, family]
        with np.errstate(over="ignore"):
            drawn = np.exp((z - picked.intercept[at, family]) / picked.rate[at, family])
        drawn = np.maximum(drawn, past)
        drawn = np.where((rng.random(n) < picked.p_zero) & (past <= 0), 0.0, drawn)
        return np.where(picked.fitted, drawn, np.nan)

    def _parts(self, log_t: FloatArray) -> FloatArray:
        """Survival of each family at log times (rows, m); shape (rows, 3, m)."""
        with np.errstate(invalid="ignore"):
            z = self.intercept[:, :, None] + self.rate[:, :, None] * log_t[:, None, :]
        out: FloatArray = np.exp(
            np.stack([_log_survival(i, z[:, i]) for i in range(len(FAMILIES))], axis=1)
        )
        return np.where(np.isneginf(log_t)[:, None, :], 1.0, out)

    def _inverse(self, wanted: FloatArray, weight: FloatArray) -> FloatArray:
        """Times at which the mixture's survival is ``wanted`` (rows,)."""
        each = (_inverse_survival(wanted) - self.intercept) / self.rate
        each = np.clip(each, -_LARGEST, _LARGEST)
        low, high = each.min(axis=1), each.max(axis=1)
        for _ in range(60):
            middle = (low + high) / 2
            above = np.sum(weight * self._parts(middle[:, None])[:, :, 0], axis=1) > wanted
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        out: FloatArray = np.exp((low + high) / 2)
        return out


_FIELDS = tuple(EraSurvival.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class HeadwaySurvival:
    """Fitted survival per era; the eras in ascending order.

    Methods answer for one era, by default the latest that could be fitted.
    """

    eras: dict[Any, EraSurvival]

    @property
    def latest(self) -> Any:
        """The latest era that could be fitted.

        Raises
        ------
        ValueError
            None could.
        """
        for name in reversed(self.eras):
            if self.eras[name].fitted.any():
                return name
        raise ValueError("no era has two different headways above 0")

    def survival(self, months: FloatArray, era: Any = None) -> FloatArray:
        """Probability of a headway longer than ``months`` (m,)."""
        out: FloatArray = self._of(era).survival(months)[0]
        return out

    def quantile(self, p: float, era: Any = None) -> float:
        """Time by which a share ``p`` is matched, months."""
        return float(self._of(era).quantile(p)[0])

    def sample(
        self,
        n: int,
        rng: np.random.Generator,
        given_at_least: float | FloatArray = 0.0,
        era: Any = None,
    ) -> FloatArray:
        """Headways (n,), months; see :meth:`EraSurvival.sample`."""
        return self._of(era).sample(n, rng, given_at_least)

    def _of(self, era: Any) -> EraSurvival:
        return self.eras[self.latest if era is None else era]


def fit_headway(
    durations: FloatArray,
    observed: BoolArray,
    *,
    zero: BoolArray | None = None,
    era: Sequence[Any] | None = None,
) -> HeadwaySurvival:
    """Parametric survival of one sample of headways, era by era.

    Parameters
    ----------
    durations : array, shape (k,), months, >= 0
    observed : array of bool, shape (k,)
        False: still unmatched after ``durations``.
    zero : array of bool, shape (k,), optional
        Matched at launch; by default the observed durations of 0.
    era : sequence, length k, optional
        Sortable labels; by default one era, labelled 0.

    Returns
    -------
    HeadwaySurvival
        With one row per era.

    Raises
    ------
    ValueError
        Lengths that do not agree, a negative or infinite duration, a censored one marked ``zero``.
    """
    time = np.asarray(durations, dtype=np.float64)
    event = np.asarray(observed, dtype=bool)
    at_once = event & (time <= 0) if zero is None else np.asarray(zero, dtype=bool)
    label = np.zeros(len(time), dtype=np.int64) if era is None else np.asarray(list(era))
    if not (len(time) == len(event) == len(at_once) == len(label)):
        raise ValueError("durations, observed, zero and era differ in length")
    if (at_once & ~event).any():
        raise ValueError("a censored headway cannot be a match at launch")
    out = {}
    for name in sorted(set(label.tolist())):
        here = (label == name).astype(np.float64)
        out[name] = fit_durations(time[None], event[None], here[None], zero=at_once[None])
    return HeadwaySurvival(out)


def fit_durations(
    months: FloatArray,
    matched: BoolArray,
    weight: FloatArray,
    *,
    zero: BoolArray | None = None,
) -> EraSurvival:
    """Fit many weighted samples at once.

    Parameters
    ----------
    months : array, shape (rows, k), >= 0
        Headway, or time under observation. A censored time of 0 says nothing and is left out.
    matched : array of bool, shape (rows, k)
    weight : array, shape (rows, k), >= 0
        How often each entry counts; 0 leaves it out.
    zero : array of bool, shape (rows, k), optional
        Matched at launch; by default the matched ones with 0 months.

    Returns
    -------
    EraSurvival

    Raises
    ------
    ValueError
        A negative or infinite time with positive weight.
    """
    used = weight > 0
    if not (np.isfinite(months[used]).all() and (months[used] >= 0).all()):
        raise ValueError("headways must be finite and at least 0")
    at_once = (matched & (months <= 0) if zero is None else zero) & used
    later = used & ~at_once & (months > 0)
    mass = np.where(later, weight, 0.0)
    log_t = np.log(np.where(later, months, 1.0))
    event = later & matched
    n, zeros = weight.sum(axis=1), np.where(at_once, weight, 0.0).sum(axis=1)
    low = np.min(np.where(event, log_t, np.inf), axis=1, initial=np.inf)
    high = np.max(np.where(event, log_t, -np.inf), axis=1, initial=-np.inf)
    enough = (high - low > 1e-9) & (np.sum(event, axis=1) >= _MIN_EVENTS)
    all_zero = (zeros > 0) & (zeros >= n)
    rows = len(months)
    intercept, rate = np.zeros((rows, 3)), np.ones((rows, 3))
    log_likelihood = np.zeros((rows, 3))
    good = np.flatnonzero(enough)
    for i in range(len(FAMILIES)):
        if len(good):
            a, b, score = _newton(i, log_t[good], event[good], mass[good])
            intercept[good, i], rate[good, i], log_likelihood[good, i] = a, b, score
    share = np.exp(log_likelihood - log_likelihood.max(axis=1, keepdims=True))
    return EraSurvival(
        p_zero=np.where(n > 0, zeros / np.where(n > 0, n, 1.0), 0.0),
        intercept=intercept,
        rate=rate,
        weight=share / share.sum(axis=1, keepdims=True),
        fitted=enough | all_zero,
        n=n,
        events=np.where(used & matched, weight, 0.0).sum(axis=1),
        longest=np.max(np.where(used, months, 0.0), axis=1, initial=0.0),
    )


def _newton(
    family: int, x: FloatArray, event: BoolArray, mass: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Maximum of the concave log likelihood in (a, b), and its value, per row."""
    hits = np.where(event, mass, 0.0)
    count = hits.sum(axis=1)
    mean = np.sum(hits * x, axis=1) / count
    spread = np.sqrt(np.sum(hits * (x - mean[:, None]) ** 2, axis=1) / count)
    b = 1.0 / np.maximum(spread, 1e-6)
    a = -mean * b

    def value(a: FloatArray, b: FloatArray) -> FloatArray:
        z = a[:, None] + b[:, None] * x
        terms = np.where(event, _log_density(family, z), _log_survival(family, z))
        out: FloatArray = np.sum(mass * terms, axis=1) + count * np.log(b)
        return out

    score = value(a, b)
    for _ in range(_NEWTON_STEPS):
        first, second = _slopes(family, a[:, None] + b[:, None] * x, event)
        gradient = np.stack(
            [np.sum(mass * first, axis=1), np.sum(mass * first * x, axis=1) + count / b], axis=1
        )
        haa = -np.sum(mass * second, axis=1)
        hab = -np.sum(mass * second * x, axis=1)
        hbb = -np.sum(mass * second * x * x, axis=1) + count / b**2
        determinant = np.maximum(haa * hbb - hab * hab, 1e-300)
        step_a = (hbb * gradient[:, 0] - hab * gradient[:, 1]) / determinant
        step_b = (haa * gradient[:, 1] - hab * gradient[:, 0]) / determinant
        size = np.minimum(1.0, 0.9 * b / np.maximum(-step_b, 1e-300))  # keeps b positive
        for _ in range(30):
            trial_a, trial_b = a + size * step_a, b + size * step_b
            trial = value(trial_a, trial_b)
            worse = ~(trial >= score - 1e-12 * np.abs(score))
            if not worse.any():
                break
            size = np.where(worse, size / 2, size)
        keep = ~worse
        a, b = np.where(keep, trial_a, a), np.where(keep, trial_b, b)
        gain = np.where(keep, trial - score, 0.0)
        score = np.where(keep, trial, score)
        if (gain <= _TOLERANCE * (1.0 + np.abs(score))).all():
            break
    return a, b, score


def _log_density(family: int, z: FloatArray) -> FloatArray:
    """Log density of standardised log times."""
    if family == 0:
        return np.asarray(z - np.exp(np.minimum(z, _LARGEST)))
    if family == 1:
        return np.asarray(-0.5 * z * z - 0.5 * np.log(2 * np.pi))
    return np.asarray(-np.abs(z) - 2 * np.log1p(np.exp(-np.abs(z))))


def _log_survival(family: int, z: FloatArray) -> FloatArray:
    """Log survival of standardised log times."""
    from scipy.special import log_ndtr

    if family == 0:
        return np.asarray(-np.exp(np.minimum(z, _LARGEST)))
    if family == 1:
        return np.asarray(log_ndtr(-z))
    return np.asarray(-np.logaddexp(0.0, z))


def _slopes(family: int, z: FloatArray, event: BoolArray) -> tuple[FloatArray, FloatArray]:
    """First and second derivative of each term of the log likelihood by ``z``."""
    from scipy.special import expit

    if family == 0:
        grown = np.exp(np.minimum(z, _LARGEST))
        return np.where(event, 1.0 - grown, -grown), -grown
    if family == 1:
        hazard = np.exp(_log_density(1, z) - _log_survival(1, z))
        return (
            np.where(event, -z, -hazard),
            np.where(event, -1.0, -hazard * (hazard - z)),
        )
    f = expit(z)
    return np.where(event, 1.0 - 2 * f, -f), -f * (1 - f) * np.where(event, 2.0, 1.0)


def _inverse_survival(p: FloatArray) -> FloatArray:
    """Standardised log times at which each family's survival is ``p`` (rows,); (rows, 3)."""
    from scipy.special import ndtri

    p = np.clip(p, 1e-300, 1.0 - 1e-16)
    weibull = np.log(-np.log(p))
    return np.stack([weibull, -ndtri(p), np.log1p(-p) - np.log(p)], axis=-1)
