"""Other priors, for studies of how much rests on them."""

from __future__ import annotations

__all__ = ["SENSITIVITY"]

_TINY = 0.01

#: Other priors, one at a time. The first two remove what a moving or domain-specific gap needs.
SENSITIVITY: dict[str, dict[str, float]] = {
    "default": {},
    "parallel_trends": {"class_slope_sd": _TINY, "class_bend_sd": _TINY},
    "no_domain_offsets": {"cell_class_level_sd": _TINY, "cell_class_slope_sd": _TINY},
    "trends_twice_as_free": {
        "class_level_sd": 4.0,
        "class_slope_sd": 2.0,
        "class_bend_sd": 1.4,
        "trend_bend_sd": 2.0,
        "cell_class_level_sd": 2.0,
        "cell_class_slope_sd": 1.4,
    },
    "trends_half_as_free": {
        "class_level_sd": 1.0,
        "class_slope_sd": 0.5,
        "class_bend_sd": 0.35,
        "trend_bend_sd": 0.5,
        "cell_class_level_sd": 0.5,
        "cell_class_slope_sd": 0.35,
    },
    "scales_less_informed": {"scale_df": 1.0},
    "knots_every_half_year": {"knot_years": 0.5},
}
