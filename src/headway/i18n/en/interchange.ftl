# Results in formats of others: metrics, logs of Inspect, mapping names, queries.

error-no-metric = The file has no metric called { $metric }. It has: { $metrics }.
error-no-metric-hint = Give one of them with --metric, or leave the option out where there is only one.
error-several-metrics = { $file } gives several metrics for one benchmark: { $metrics }. Headway keeps one score per benchmark.
error-several-metrics-hint = Choose one with --metric.
error-needs-eval = { $file } is read with inspect-ai, which is not installed.
error-needs-eval-hint = pip install "headway[eval]"
error-inspect-refuses = { $file } cannot be read as an Inspect log ({ $why }).
error-inspect-refuses-hint = Copy it again, or check it with "inspect log dump"; logs of much older versions may need "inspect log convert".

# Curated figures.
data-kind-figures = curated figures
error-figures-not-toml = { $file } is not valid TOML ({ $why }).
error-figures-not-toml-hint = The documentation page "Curated figures" has an example.
error-figures-value = { $file }: { $field } is "{ $value }", which is not a number above 0.
error-figures-value-hint = It is what a proportion of 1 is in the printed unit, for example of = 32.
error-figures-columns = { $file }: a table of readings lacks { $missing } or has columns that are not known or stand twice: { $wrong }.
error-figures-columns-hint = It may have { $allowed }.
reason-figure-ragged = the row has { $value } cells, not as many as its header
reason-figure-no-reader = the reading does not say who read it
reason-figure-how = "{ $value }" is no way of reading; there are text, table, label, pixels, eye
reason-figure-no-error = the error of reading is missing or impossible ("{ $value }"); what is read off a picture has one above 0
reason-figure-same-reader = { $reader } read it twice; a second reading is another person's
reason-figure-unchecked = the reading of { $reader } has no number of the first one; compare the names
reason-figure-disagrees = { $reader } reads { $other } for { $model } (line { $line }), which the stated errors (together { $error }) do not explain
reading-agree = { $second } agrees with { $first } on { $n } numbers ({ $unchecked } not read again): root mean square { $rms }, mean { $mean }; the furthest apart are { $one } and { $other } for { $model }.
reading-disagree = { $second } does not agree with { $first } on { $n } numbers ({ $unchecked } not read again): root mean square { $rms }, mean { $mean }; the furthest apart are { $one } and { $other } for { $model }.
reading-same_reader = { $second } is the reader of the first reading, too ({ $n } numbers compared, { $unchecked } not).
reading-nothing_common = { $second } and { $first } have { $n } numbers in common ({ $unchecked } not read again).
reading-too_near = The two are nearer than their stated errors say: the second may have been made with the first in sight, or the errors are too large.
warning-figures_read_once = Nobody has read these figures again: { $reader } is the only reader.

# Queries and answers to export.
error-export-what = Either a table (or an answer) or --sql has to be given, and not both.
error-export-what-hint = For example: headway data export scores.
error-sql-select = Only a SELECT over the tables is possible: { $sql }
error-sql-select-hint = Begin the query with SELECT or WITH.
error-sql-files = A query reads the tables of the release and no files: { $sql }
error-sql-files-hint = The tables are { $tables }.
error-sql-refused = The query was refused: { $why }
error-sql-refused-hint = The tables are { $tables }; "headway data show TABLE" shows the columns.
error-no-answer = { $file } is no answer of Headway.
error-no-answer-hint = Give what a command prints with --json, for example: headway lag --json > lag.json

# Questions of headway data add.
walk-metric = Which of them is the score?
walk-column = Which column of the file holds the { $column }?
walk-model = The file does not say whose results these are. Model (Enter: leave it)
walk-percent = The scores look like percent. Read them as percent?
walk-number = Number (Enter: none of them)
walk-number_or_name = Number, or another registered name (Enter: leave it)
walk-same = Without questions this is: { $command }
own-map = Say what these names are here: { $options }
error-bad-unit = { $unit } is no unit.
error-bad-unit-hint = Choose one of { $allowed }.
walk-not_offered = "{ $said }" is not among them.
reason-too-early = { $value } is before { $earliest }, when there was no language model to evaluate
