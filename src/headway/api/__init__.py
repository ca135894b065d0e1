"""The public verbs, one module each: load, check, call the stages, join.

``import headway`` shows them; the command line calls them and nothing else.
"""

from __future__ import annotations
