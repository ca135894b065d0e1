### Notes on trends and on fitted headway

note-trend_change_open = probability that the open-weight trend has a bend: { $share }
note-trend_change_closed = probability that the closed trend has a bend: { $share }
note-trend_stale_open = no new open-weight model was scored here for { $arg } months, so its trend cannot be carried to this date
note-trend_stale_closed = no new closed model was scored here for { $arg } months, so its trend cannot be carried to this date
note-extrapolated = in { $share } of the draws this lies beyond the longest time observed
note-bootstrap_failed = too few different waits in { $share } of the resampled histories, so the chance of releases is not included
