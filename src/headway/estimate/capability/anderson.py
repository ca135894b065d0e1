r"""Anderson acceleration of a fixed-point iteration (Anderson 1965, doi:10.1145/321296.321305).

Of the last few points and steps the combination is taken whose step would be shortest (Walker & Ni
2011, doi:10.1137/10078356X, "type II"). It leaves the fixed point where it is and shortens the way
to it; nothing in it is random. Unlike the plain iteration it would also go to fixed points that
repel, which is guarded against.
"""

from __future__ import annotations

from collections import deque

import numpy as np

__all__ = ["Anderson"]

#: Relative ridge of the small least-squares problem: keeps weights tame when steps are nearly parallel.
_RIDGE = 1e-8
#: A step this many times longer than the one before says that the combination has misled.
_WORSE = 2.0
#: Squared change of steps below which there is nothing left to learn from them.
_NOTHING = 1e-24
#: No component moves by more at once (logits, log scales): far from the points seen, nothing is known.
_LONGEST = 1.0


class Anderson:
    """Combines steps; call :meth:`next` with the point and its plain step.

    Parameters
    ----------
    memory : int
        Points kept.
    weights : array
        What a component of a step counts for in its length.
    """

    def __init__(self, memory: int, weights: np.ndarray) -> None:
        self._weights = weights
        self._points: deque[np.ndarray] = deque(maxlen=memory + 1)
        self._steps: deque[np.ndarray] = deque(maxlen=memory + 1)

    def forget(self) -> None:
        """Start anew: the map has changed, or the points are far from where they were."""
        self._points.clear()
        self._steps.clear()

    def _length(self, step: np.ndarray) -> float:
        return float(np.linalg.norm(step * self._weights))

    def next(self, point: np.ndarray, step: np.ndarray) -> np.ndarray:
        """The next point; ``point + step`` while there is no history to go by."""
        if self._steps and self._length(step) > _WORSE * self._length(self._steps[-1]):
            self.forget()
        self._points.append(point)
        self._steps.append(step)
        if len(self._steps) == 1:
            return np.asarray(point + step)
        steps, points = np.array(self._steps), np.array(self._points)
        turn, way = np.diff(steps, axis=0), np.diff(points, axis=0)
        weighted = turn * self._weights**2
        gram = weighted @ turn.T
        size = float(np.trace(gram))
        if size < _NOTHING:
            return np.asarray(point + step)
        gram[np.diag_indices_from(gram)] += _RIDGE * size
        weight = np.linalg.solve(gram, weighted @ step)
        move = np.asarray(step - weight @ (way + turn))
        if move @ (step * self._weights**2) <= 0:
            # Backwards means that steps grow along the way: a fixed point that plain steps leave
            # (two solutions compete). The combination would sit there for ever.
            self.forget()
            return np.asarray(point + step)
        longest = float(np.abs(move).max())
        return np.asarray(point + move / max(longest / _LONGEST, 1.0))
