"""The tables: schemas, checks, the shipped release, the model registry, files from outside."""

from __future__ import annotations
