# The command line: talk on stderr, headings of text tables.

cli-error = Error: { $text } [{ $code }]
cli-hint = What to do: { $text }
cli-warning = Note: { $text }
cli-written = The report was written: { $path }

warning-mixed_scale = { $count } of { $n } scores are above 1 while the others lie between 0 and 1. If the index is a proportion, these look like percentages.
warning-other_anchors = { $domain }: the models that usually fix the scale are not in these data. Two others stand in, so points cannot be compared with other reports.
unit-logits = { $value } logits
cite = Headway { $version }, data release { $release }, as of { $as_of }, result { $result }.

data-table-title = { $table } ({ $rows } rows)
data-rows-left = … and { $count } more rows (--limit, or --json for all)
data-kind-scores = scores
data-kind-index = an index
data-valid = { $file }: all { $rows } rows of { $kind } can be used.
data-invalid = { $file }: { $bad } of { $rows } rows of { $kind } cannot be used.
data-column-line = line
data-column-column = column
data-column-reason = reason

doctor-column-status = status
doctor-column-check = what
doctor-column-found = found
doctor-status-ok = ok
doctor-status-failed = BROKEN
doctor-status-absent = absent (optional)
doctor-check-headway = Headway
doctor-check-python = Python
doctor-check-library = numeric library
doctor-check-release = data release
doctor-check-tables = tables and keys
doctor-check-data-dir = folder of your own data
doctor-check-cache-dir = cache folder
doctor-check-locale = locale
doctor-check-fonts = Japanese fonts
doctor-check-browser = browser (tests only)
