"""What an event did to vulnerabilities: counts before and after it, with placebos.

Pure functions: dated counts in, frozen results out. A number that cannot be had is ``None`` with
the note that says why; a fit that diverges is refused.
"""

from __future__ import annotations

from headway.estimate.impact.family import holm
from headway.estimate.impact.series import PERIODS, CountSeries, count_periods, from_counts
from headway.estimate.impact.study import MIN_BEFORE, Effect, Study, event_study

__all__ = [
    "MIN_BEFORE",
    "PERIODS",
    "CountSeries",
    "Effect",
    "Study",
    "count_periods",
    "event_study",
    "from_counts",
    "holm",
]
