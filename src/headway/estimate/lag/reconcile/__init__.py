"""Published lags computed again, each by its own rule, and paths between any two of them."""
