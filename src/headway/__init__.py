"""Headway: how far open-weight AI models are behind closed ones, per domain, with error bars."""

from __future__ import annotations

__version__ = "0.1.0"
