"""Tests of lags."""
