# Messages of the engine and of the split of intervals.

note-no_spread = every draw gives the same lag, so there is nothing to split
