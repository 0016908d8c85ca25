"""Climbing a likelihood to its top, within bounds and with few evaluations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

LogLikelihood = Callable[[FloatArray], "tuple[float, FloatArray] | float"]
"""Takes the parameters as they are (not their logarithms); returns the log-likelihood of all
clients, with its gradient by the same parameters where there is a formula for it."""

LOWEST, HIGHEST = 1e-4, 1e4
"""A parameter that runs to one of these says that the data do not hold what it describes."""

LOG_BOUNDS = (float(np.log(LOWEST)), float(np.log(HIGHEST)))

PROMISED_GAIN = 1e-7
"""The climb ends where another step promises less log-likelihood than this."""

LONGEST_MOVE = 2.0
"""No step changes a parameter by more than this in the logarithm."""

MOST_STEPS, MOST_HALVINGS = 300, 30

SLOPE_STEP, CURVATURE_STEP = 1e-5, 1e-4
FLATTEST = 1e-3
"""Curvatures below this part of the largest are raised to it, so that steps stay short."""


class Surface:
    """The negative mean log-likelihood over the logarithms of the parameters.

    Parameters
    ----------
    log_likelihood : callable
        The sum over all clients.
    clients : float
        How many that are.
    """

    def __init__(self, log_likelihood: LogLikelihood, clients: float) -> None:
        self._raw, self.clients = log_likelihood, clients

    def __call__(self, at: FloatArray) -> tuple[float, FloatArray]:
        """Return the value and the slope at a point, shape (n_parameters,)."""
        parameters = np.exp(at)
        found = self._raw(parameters)
        if isinstance(found, tuple):
            value, slope = found[0], found[1] * parameters
        else:
            value, slope = found, self._differences(at)
        if not (np.isfinite(value) and np.isfinite(slope).all()):
            return np.inf, np.zeros_like(at)
        return -value / self.clients, -slope / self.clients

    def _differences(self, at: FloatArray) -> FloatArray:
        moves = np.eye(len(at)) * SLOPE_STEP
        ends = [(self._plain(at + move), self._plain(at - move)) for move in moves]
        return np.array([(up - down) / (2 * SLOPE_STEP) for up, down in ends])

    def _plain(self, at: FloatArray) -> float:
        found = self._raw(np.exp(at))
        return found[0] if isinstance(found, tuple) else found

    def curvature(self, at: FloatArray, slope: FloatArray | None = None) -> FloatArray:
        """Return the Hessian at a point, from differences of the slope.

        Parameters
        ----------
        at : ndarray of float64, shape (n_parameters,)
            The point.
        slope : ndarray of float64, optional
            The slope there: differences to one side then do, at half the cost.
        """
        moves = np.eye(len(at)) * CURVATURE_STEP
        if slope is None:
            rows = [(self(at + m)[1] - self(at - m)[1]) / (2 * CURVATURE_STEP) for m in moves]
        else:
            rows = [(self(at + m)[1] - slope) / CURVATURE_STEP for m in moves]
        hessian = np.array(rows)
        return np.asarray((hessian + hessian.T) / 2)


@dataclass(frozen=True)
class Top:
    """Where a climb ended.

    Attributes
    ----------
    at : ndarray of float64, shape (n_parameters,)
        Logarithms of the parameters.
    value : float
        The negative mean log-likelihood.
    hessian : ndarray of float64
        The curvature there, NaN where the climb was given up.
    """

    at: FloatArray
    value: float
    hessian: FloatArray


def climb(surface: Surface, start: FloatArray, hessian: FloatArray | None = None) -> Top:
    """Climb from a start to a top within the bounds.

    BFGS steps with halving, begun with the true curvature and ended only when a fresh
    curvature at the top promises no gain either.

    Parameters
    ----------
    surface : Surface
        What to climb.
    start : ndarray of float64, shape (n_parameters,)
        Logarithms of the parameters.
    hessian : ndarray of float64, optional
        The curvature to begin with, if one is known from a similar surface.

    References
    ----------
    Nocedal & Wright (2006), *Numerical Optimization*, chapters 6 and 16.
    """
    at = np.clip(start, *LOG_BOUNDS)
    value, slope = surface(at)
    bowl = _bowl(surface.curvature(at, slope) if hessian is None else hessian)
    fresh = False
    known = np.full((len(at), len(at)), np.nan)
    for _ in range(MOST_STEPS):
        move, promised = _move(at, slope, bowl)
        step = None
        if promised * surface.clients >= PROMISED_GAIN:
            step = _descend(surface, at, (value, slope), move)
        if step is None:
            if fresh:
                break
            # The curvature gathered on the way may be wrong where the climb ends.
            known = surface.curvature(at, slope)
            bowl, fresh = _bowl(known), True
            continue
        further, value_there, slope_there = step
        bowl = _learn(bowl, further - at, slope_there - slope)
        at, value, slope, fresh = further, value_there, slope_there, False
    return Top(at, value, known)


def _bowl(hessian: FloatArray) -> FloatArray:
    """Return a curvature that leads downwards in every direction."""
    sizes, axes = np.linalg.eigh(hessian)
    sizes = np.abs(sizes)
    sizes = np.maximum(sizes, max(FLATTEST * float(sizes.max()), 1e-12))
    return np.asarray((axes * sizes) @ axes.T)


def _move(at: FloatArray, slope: FloatArray, bowl: FloatArray) -> tuple[FloatArray, float]:
    """Return the next move and the gain it promises; parameters held at a bound stay."""
    low, high = LOG_BOUNDS
    free = ~(((at <= low) & (slope > 0)) | ((at >= high) & (slope < 0)))
    move: FloatArray = np.zeros_like(at)
    if free.all():
        move[:] = -np.linalg.solve(bowl, slope)
    else:
        move[free] = -np.linalg.solve(bowl[np.ix_(free, free)], slope[free])
    promised = float(-slope @ move) / 2
    move *= min(1.0, LONGEST_MOVE / max(float(np.abs(move).max()), 1e-300))
    return move, promised


def _descend(
    surface: Surface, at: FloatArray, here: tuple[float, FloatArray], move: FloatArray
) -> tuple[FloatArray, float, FloatArray] | None:
    """Return the first point along a move that is lower enough, None where there is none."""
    value, slope = here
    share = 1.0
    for _ in range(MOST_HALVINGS):
        further = np.clip(at + share * move, *LOG_BOUNDS)
        there, slope_there = surface(further)
        if there <= value + 1e-4 * float(slope @ (further - at)) and there < value:
            return further, there, slope_there
        share /= 2
    return None


def _learn(bowl: FloatArray, moved: FloatArray, turned: FloatArray) -> FloatArray:
    """Return the curvature with what a step has shown of it (the BFGS formula)."""
    seen = float(moved @ turned)
    if seen <= 1e-14:
        return bowl
    before = bowl @ moved
    return np.asarray(
        bowl + np.outer(turned, turned) / seen - np.outer(before, before) / float(moved @ before)
    )
