"""Acceleration reaches the same fixed point in fewer steps, and no other one."""

from __future__ import annotations

import numpy as np
import pytest

from headway.estimate.capability.anderson import Anderson


def iterate(step, start, *, memory, steps):
    accelerated = Anderson(memory, np.ones(len(start)))
    at, sizes = start, []
    for _ in range(steps):
        move = step(at)
        sizes.append(float(np.abs(move).max()))
        at = accelerated.next(at, move)
    return at, sizes


@pytest.fixture
def linear():
    """x -> A x + b with slow directions, one of them alternating."""
    rng = np.random.default_rng(4)
    basis = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    matrix = basis @ np.diag([0.95, 0.9, 0.5, -0.8, 0.2, 0.1]) @ basis.T
    shift = rng.standard_normal(6)
    return lambda x: matrix @ x + shift - x, np.linalg.solve(np.eye(6) - matrix, shift)


def test_a_linear_map_is_solved_in_as_many_steps_as_it_has_directions(linear):
    step, fixed = linear
    fast, _ = iterate(step, np.zeros(6), memory=6, steps=14)
    slow, _ = iterate(step, np.zeros(6), memory=0, steps=14)

    assert np.abs(fast - fixed).max() < 1e-5
    assert np.abs(slow - fixed).max() > 0.1


def test_without_memory_it_is_the_plain_iteration(linear):
    step, _ = linear
    at = np.zeros(6)
    for _ in range(5):
        at = at + step(at)

    assert iterate(step, np.zeros(6), memory=0, steps=5)[0] == pytest.approx(at)


def test_a_repelling_fixed_point_is_left():
    """x -> x + 0.3 x (1 - x^2): 0 repels, -1 and 1 attract."""
    at, sizes = iterate(lambda x: 0.3 * x * (1 - x**2), np.array([0.02]), memory=5, steps=60)

    assert at == pytest.approx([1.0], abs=1e-6)
    assert sizes[-1] < 1e-6


def test_no_component_jumps():
    """Two nearly parallel steps point very far away; the move stays within 1."""
    accelerated = Anderson(4, np.ones(2))
    first = np.array([0.100, 0.100])
    accelerated.next(np.zeros(2), first)
    there = accelerated.next(first, first * 0.99999)

    assert np.abs(there - first).max() <= 1.0
