"""Which stated shares are counts of items, and which are means that no count of items gives.

A share of ``n`` items is a whole number of items, up to the rounding of the print. Where no such
number exists the share is a mean over several runs or a weighted score: its ``n`` is unknown.
Panels mostly use one metric for a whole table, so a table in which a fifth of the shares cannot be
counts loses ``n`` for all of its shares.
"""

from __future__ import annotations

from collections import defaultdict

__all__ = ["is_count", "settle"]

#: From this share of misfits on, a panel's column is taken to be a mean throughout.
_MEAN_FROM = 0.2
#: Items that an institute's own run may have lost (no result) before the share is no count.
_LOST = 0.1

#: A board may count the few items that were not run as failed: n is then all items.
_UNRUN = 0.02

Row = dict[str, object]


def is_count(share: float, items: int) -> bool:
    """Whether a printed share is a whole number of ``items``, up to its rounding.

    Examples
    --------
    >>> is_count(0.304, 217)
    True
    >>> is_count(0.479, 41)
    False
    """
    text = repr(round(share, 9))
    digits = max(2, len(text.split(".")[1]) if "." in text else 0)
    slack = 0.5 * 10.0**-digits * items * 1.05 + 1e-6
    return abs(share * items - round(share * items)) <= slack


def settle(rows: list[Row], items_of: dict[str, int | None]) -> None:
    """Correct or withdraw ``n`` in place."""
    groups: dict[tuple[object, object], list[Row]] = defaultdict(list)
    for row in rows:
        if row["n"] is None or row["score"] is None:
            continue
        if row["evaluator"] == "Epoch AI":
            _own_run(row)
        else:
            groups[(row["benchmark"], row["panel"])].append(row)
    for (benchmark, _), group in groups.items():
        misfits = [row for row in group if not _fits(row, items_of[str(benchmark)])]
        mean = len(misfits) >= _MEAN_FROM * len(group)
        for row in group if mean and misfits else misfits:
            row["n"] = None


def _fits(row: Row, items: int | None) -> bool:
    share, stated = float(str(row["score"])), int(str(row["n"]))
    if is_count(share, stated):
        return True
    nearly_all = items is not None and (1 - _UNRUN) * items <= stated <= items
    if items is not None and nearly_all and is_count(share, items):  # unrun items count as failed
        row["n"] = items
        return True
    return False


def _own_run(row: Row) -> None:
    """Epoch AI states a standard error over items: where it is not the binomial one, or where no
    count of the items with a result gives the share, the share is a mean over several runs."""
    share, stated = float(str(row["score"])), int(str(row["n"]))
    if row["stderr"] is None:
        for items in range(stated, int(stated * (1 - _LOST)), -1):
            if is_count(share, items):
                row["n"] = items
                return
        row["stderr"] = row["_stated_stderr"]
    row["n"] = None
