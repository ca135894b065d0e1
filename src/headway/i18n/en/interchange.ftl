# Results in formats of others: metrics, logs of Inspect, mapping names, queries.

error-no-metric = The file has no metric called { $metric }. It has: { $metrics }.
error-no-metric-hint = Give one of them with --metric, or leave the option out where there is only one.
error-several-metrics = { $file } gives several metrics for one benchmark: { $metrics }. Headway keeps one score per benchmark.
error-several-metrics-hint = Choose one with --metric.
error-needs-eval = { $file } is read with inspect-ai, which is not installed.
error-needs-eval-hint = pip install "headway[eval]"
error-inspect-refuses = { $file } cannot be read as an Inspect log ({ $why }).
error-inspect-refuses-hint = Copy it again, or check it with "inspect log dump"; logs of much older versions may need "inspect log convert".
