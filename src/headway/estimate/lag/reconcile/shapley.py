r"""The path between two lags: what each choice moves, averaged over the orders of changing them.

Choices are changed one at a time from :math:`A` to :math:`B`. What a choice moves depends on what was
changed before it, so its step is the mean of its marginal contributions over all orders in which every
lag on the way can be computed (the Shapley value [1]_ on the feasible orders, each with equal weight):

.. math:: \phi_i = \frac{1}{|\Pi|} \sum_{\pi \in \Pi} \bigl(v(P_i^\pi \cup i) - v(P_i^\pi)\bigr)

Along one order the contributions telescope to :math:`v(B) - v(A)`, so their means do too: the steps
add up exactly. Orders are counted, not listed: the number of ways from :math:`A` to a set and from it to
:math:`B` weighs each change. Orders that pass a combination that cannot be computed are left out; the
combinations are named with the reason. Where no order is left, the data set is changed together with
as few other choices as make one possible, and that step carries all their names.

References
----------
.. [1] Shapley (1953), A value for n-person games, doi:10.1515/9781400881970-018
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import factorial

import numpy as np

from headway.estimate.lag.reconcile.choices import NAMES, Choices, aligned, differing
from headway.estimate.lag.reconcile.evaluate import Evaluated
from headway.result import Interval, Quantity

__all__ = ["Blocked", "NoPath", "Path", "Step", "shapley_path"]

#: More choices than this at once would need more than a thousand evaluations.
MOST_CHOICES = 14
#: Share of the draws that may be no number at some point of a path.
_MOST_LOST = 0.10


@dataclass(frozen=True, slots=True)
class Step:
    """What one choice moves.

    Parameters
    ----------
    names : tuple of str
        The choice, or those that had to change together.
    months : Quantity
        Mean over feasible orders; interval over draws where there are some.
    exact : Fraction
        The same without rounding.
    order_min, order_max : float
        Least and greatest contribution over feasible orders.
    """

    names: tuple[str, ...]
    months: Quantity
    exact: Fraction
    order_min: float
    order_max: float


@dataclass(frozen=True, slots=True)
class Blocked:
    """A combination on the way that cannot be computed: what was changed, and why it cannot be."""

    changed: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Path:
    """The steps from one lag to another.

    ``steps`` are sorted by size, largest first; ``orders`` counts feasible orders of
    ``all_orders``; ``values`` has the lag of every combination that some feasible order passes.
    """

    begin: Evaluated
    end: Evaluated
    steps: tuple[Step, ...]
    blocked: tuple[Blocked, ...]
    orders: int
    all_orders: int
    values: dict[frozenset[str], float]


class NoPath(Exception):
    """An end of the path is no number."""

    def __init__(self, which: str, why: str) -> None:
        super().__init__(f"{which}: {why}")
        self.which, self.why = which, why


def shapley_path(
    begin: Choices,
    end: Choices,
    evaluate: Callable[[Choices], Evaluated],
    *,
    level: float = 0.90,
) -> Path:
    """Decompose the difference of two lags over the choices in which they differ.

    Parameters
    ----------
    begin, end : Choices
    evaluate : callable
        Lag of any combination; called once per combination that a feasible order can reach.
    level : float
        Of the intervals of the steps.

    Returns
    -------
    Path
        ``sum(step.exact) == Fraction(end) - Fraction(begin)`` holds exactly.

    Raises
    ------
    NoPath
        An end is no number: a bound, open models lead, or not estimable.
    ValueError
        More than :data:`MOST_CHOICES` choices differ.
    """
    begin, end = aligned(begin, end)
    names = differing(begin, end)
    if len(names) > MOST_CHOICES:
        raise ValueError(f"{len(names)} choices differ; at most {MOST_CHOICES} can be taken apart")
    seen: dict[frozenset[str], Evaluated] = {}

    def at(changed: frozenset[str]) -> Evaluated:
        if changed not in seen:
            mixed = begin.with_(**{name: getattr(end, name) for name in changed})
            seen[changed] = evaluate(mixed)
        return seen[changed]

    first, last = at(frozenset()), at(frozenset(names))
    for which, one in (("begin", first), ("end", last)):
        if not one.feasible:
            raise NoPath(which, one.why or "")
    players = _players(names, at)
    graph = _Graph(players, at)
    value = {node: Fraction(_number(at(graph.changed(node)))) for node in graph.alive}
    steps = [_step(i, players, graph, value, at, level) for i in range(len(players))]
    steps.sort(key=lambda s: (-abs(s.exact), NAMES.index(s.names[0])))
    blocked = tuple(
        Blocked(tuple(sorted(node, key=NAMES.index)), one.why or "")
        for node, one in seen.items()
        if not one.feasible
    )
    return Path(
        begin=first,
        end=last,
        steps=tuple(steps),
        blocked=tuple(sorted(blocked, key=lambda b: (len(b.changed), b.changed))),
        orders=graph.orders,
        all_orders=factorial(len(names)),
        values={graph.changed(node): float(value[node]) for node in sorted(graph.alive)},
    )


def _number(one: Evaluated) -> float:
    assert one.lag.value is not None, "a feasible lag is a number"
    return one.lag.value


def _players(
    names: tuple[str, ...], at: Callable[[frozenset[str]], Evaluated]
) -> tuple[tuple[str, ...], ...]:
    """The choices one by one; the data set with the fewest others where nothing else is feasible."""
    alone = tuple((name,) for name in names)
    if _connected(alone, at) or len(names) < 2:
        return alone
    head = "data" if "data" in names else names[0]
    others = [name for name in names if name != head]
    for size in range(1, len(others) + 1):
        for extra in combinations(others, size):
            block = (head, *extra)
            rest = tuple((name,) for name in names if name not in block)
            if _connected((block, *rest), at):
                return (block, *rest)
    raise AssertionError("all choices at once lead from one end to the other")


def _connected(
    players: tuple[tuple[str, ...], ...], at: Callable[[frozenset[str]], Evaluated]
) -> bool:
    """Whether some order passes only combinations that can be computed."""
    reached = {0}
    for _ in players:
        following = set()
        for node in reached:
            for i in range(len(players)):
                new = node | 1 << i
                if not node >> i & 1 and new not in following and at(_union(players, new)).feasible:
                    following.add(new)
        reached = following
    return bool(reached)


def _union(players: tuple[tuple[str, ...], ...], node: int) -> frozenset[str]:
    return frozenset(name for i, part in enumerate(players) if node >> i & 1 for name in part)


class _Graph:
    """Combinations on feasible orders, and in how many orders each is passed."""

    def __init__(
        self, players: tuple[tuple[str, ...], ...], at: Callable[[frozenset[str]], Evaluated]
    ) -> None:
        self.players = players
        self.size = len(players)
        whole = (1 << self.size) - 1
        self.ways_in: dict[int, int] = {0: 1}
        by_size = sorted(range(whole + 1), key=lambda node: (node.bit_count(), node))
        for node in by_size[1:]:
            ways = sum(self.ways_in.get(node ^ 1 << i, 0) for i in self._bits(node))
            if ways and at(_union(players, node)).feasible:
                self.ways_in[node] = ways
        self.ways_out: dict[int, int] = {whole: 1}
        for node in reversed(by_size[:-1]):
            if node in self.ways_in:
                ways = sum(
                    self.ways_out.get(node | 1 << i, 0)
                    for i in range(self.size)
                    if not node >> i & 1
                )
                if ways:
                    self.ways_out[node] = ways
        self.alive = tuple(node for node in by_size if node in self.ways_out)
        self.orders = self.ways_out.get(0, 0)

    def changed(self, node: int) -> frozenset[str]:
        """Names of the choices changed at a node."""
        return _union(self.players, node)

    def edges(self, i: int) -> list[tuple[int, int, int]]:
        """(node before, node after, number of feasible orders) of changing player ``i``."""
        return [
            (node, node | 1 << i, self.ways_in[node] * self.ways_out[node | 1 << i])
            for node in self.alive
            if not node >> i & 1 and node | 1 << i in self.ways_out
        ]

    @staticmethod
    def _bits(node: int) -> list[int]:
        return [i for i in range(node.bit_length()) if node >> i & 1]


def _step(
    i: int,
    players: tuple[tuple[str, ...], ...],
    graph: _Graph,
    value: dict[int, Fraction],
    at: Callable[[frozenset[str]], Evaluated],
    level: float,
) -> Step:
    edges = graph.edges(i)
    exact = sum(
        (
            Fraction(ways, graph.orders) * (value[after] - value[before])
            for before, after, ways in edges
        ),
        Fraction(0),
    )
    each = [float(value[after] - value[before]) for before, after, _ in edges]
    interval, notes = _interval(i, graph, at, float(exact), level)
    nodes = {node for before, after, _ in edges for node in (before, after)}
    quantity = Quantity(
        float(exact),
        "months",
        interval,
        n=max(at(graph.changed(node)).lag.n for node in nodes),
        n_clusters=max(at(graph.changed(node)).lag.n_clusters for node in nodes),
        status="estimated",
        notes=notes,
    )
    return Step(players[i], quantity, exact, min(each), max(each))


def _interval(
    i: int,
    graph: _Graph,
    at: Callable[[frozenset[str]], Evaluated],
    value: float,
    level: float,
) -> tuple[Interval | None, tuple[str, ...]]:
    """Quantiles of the contribution per draw, widened to hold the value of the medians."""
    months = {}
    for before, after, _ in graph.edges(i):
        for node in (before, after):
            found = at(graph.changed(node)).months
            assert found is not None
            months[node] = found
    draws = max(len(found) for found in months.values())
    if draws == 1:
        return None, ()
    shortest = min(len(found) for found in months.values() if len(found) > 1)
    total = np.zeros(shortest)
    for before, after, ways in graph.edges(i):
        parts = [
            found[:shortest] if len(found) > 1 else np.repeat(found, shortest)
            for found in (months[before], months[after])
        ]
        total += ways / graph.orders * (parts[1] - parts[0])
    kept = total[np.isfinite(total)]
    if len(kept) < (1 - _MOST_LOST) * shortest:
        return None, (f"draws_not_numbers:{1 - len(kept) / shortest:.3g}",)
    tail = (1 - level) / 2
    low, high = (float(x) for x in np.quantile(kept, [tail, 1 - tail]))
    return Interval(min(low, value), max(high, value), level, "eti"), ()
