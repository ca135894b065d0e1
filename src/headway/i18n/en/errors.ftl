# Errors: error-<key> says what was expected and what came, error-<key>-hint what to do.
# Codes (bad_table, unreadable, ...) are not translated.

error-release-file = The data release cannot be read: { $file } ({ $why }).
error-release-file-hint = Run "headway doctor" to see which folder is used. Unset HEADWAY_DATA_DIR to use the release that ships with Headway, or install Headway again.
error-release-damaged = The data release is damaged: the bytes of { $tables } are not the ones that release.json names.
error-release-damaged-hint = Install Headway again, or build the release again. Nothing of a damaged release is used.

error-columns-missing = { $table }: these columns are missing: { $columns }. Found: { $found }.
error-columns-missing-hint = Add the missing columns, or rename the ones you have.
error-columns-neither = { $table }: these columns are missing: { $columns }. Found: { $found }.
error-columns-neither-hint = A table of scores needs { $scores }; an index needs { $index }.
error-empty-table = { $table }: the table has no rows.
error-empty-table-hint = Check that the right file was given and that its export finished.
error-column-type = { $table }: column { $column } should hold { $expected }, but holds { $found } (for example { $examples }).
error-column-type-hint = Write the column again in the expected type.
error-bad-rows = { $table }: column { $column } breaks the rule "{ $rule }" in { $count } rows. First ones: { $rows }. Other broken rules: { $others }.
error-bad-rows-hint = Correct these rows; no row of a broken table is used. The rules are listed on the documentation page "Tables".
error-foreign-key = { $table }: { $count } values of column { $column } are not in { $target }. First ones: { $values }.
error-foreign-key-hint = Add them to { $target } or correct their spelling.

error-unknown-model = No model is registered as "{ $name }". Close names: { $close }.
error-unknown-model-hint = "headway data list models" lists all of them.
error-ambiguous-model = The name "{ $name }" could mean several model versions: { $versions }.
error-ambiguous-model-hint = Use the exact id of one of them.

error-no-such-file = { $file }: there is no such file.
error-no-such-file-hint = Check the path.
error-not-a-file = { $file } is not a regular file.
error-not-a-file-hint = Give the path of a CSV or Parquet file.
error-cannot-open = { $file } cannot be opened ({ $why }).
error-cannot-open-hint = Check that you may read it.
error-too-large = { $file } is too large: { $size } MiB, the limit is { $limit } MiB.
error-too-large-hint = Keep only the columns and rows that are needed.
error-too-many-rows = { $file } has too many rows: { $rows }, the limit is { $limit }.
error-too-many-rows-hint = Keep only the rows that are needed.
error-not-parquet = { $file } is not a Parquet file, although its name says so.
error-not-parquet-hint = Export it again, or give it the ending .csv if it is one.
error-truncated-parquet = { $file }: the Parquet file is truncated or damaged.
error-truncated-parquet-hint = Copy or download it again; a complete file ends with the bytes PAR1.
error-header-twice = { $file }: columns with the same name: { $columns }.
error-header-twice-hint = Give every column its own name.
error-ragged = { $file}, line { $line }: { $found } cells, but the header has { $expected }.
error-ragged-hint = Put quotation marks around cells that contain a comma.
error-not-csv = { $file }, line { $line }: not valid CSV ({ $why }).
error-not-csv-hint = Check the quotation marks on and before that line.
error-other-format = { $file } is not a CSV or Parquet file but looks like { $format }.
error-other-format-hint = Export the table as CSV in UTF-8, or as Parquet.
error-not-utf8 = { $file } is not UTF-8 text (first bad byte at { $position }); it looks like { $guess }.
error-not-utf8-hint = Convert it and try again:  iconv -f { $iconv } -t UTF-8 OLD.csv > NEW.csv
error-file-rows = { $file }: { $count } rows cannot be used. First ones, by line: { $rows }.
error-file-rows-hint = "headway data validate FILE" lists every one of them.

error-bad-choice = { $option }: "{ $value }" is not one of { $allowed }.
error-bad-choice-hint = See "headway { $command } --help".
error-bad-date = { $option }: "{ $value }" is not a date such as 2026-06-30.
error-bad-date-hint = Write the date as YYYY-MM-DD.
error-bad-level = The level must lie between 0 and 1, both excluded; got { $value }.
error-bad-level-hint = 90 % is --level 0.90.
error-stage-without-cyber = A stage belongs to the domain cyber; got the domain { $domain }.
error-stage-without-cyber-hint = Leave --domain out, or give --domain cyber.
error-index-option = { $option } has no meaning with --index: an index has one series, without domains, stages or evidence.
error-index-option-hint = Leave { $option } out.
error-needs-index = { $option } needs --index: it is about scores that were read off a figure or rounded.
error-needs-index-hint = Give a file with --index, or leave { $option } out.
error-nothing-known = No score was known by { $as_of }; the first one was known on { $first }.
error-nothing-known-hint = Give a later --as-of.
error-no-such-id = Nothing is called "{ $id }". Close names: { $close }.
error-no-such-id-hint = "headway data list" shows what there is: tables, models, benchmarks, sources.
error-cannot-write = { $file } cannot be written ({ $why }).
error-cannot-write-hint = Give another path with -o.
error-interrupted = Stopped before the end; nothing was written.
error-interrupted-hint = Run the command again; finished parts come from the cache.

# Reasons why one row of a file cannot be used.
reason-missing = the cell is empty
reason-not-a-number = "{ $value }" is not a number
reason-not-finite = "{ $value }" is not a finite number
reason-percent = "{ $value }" carries a percent sign; proportions are written 0 to 1
reason-percent-not-proportion = { $value } looks like a percent; this column holds a proportion (0 to 1), so divide by 100
reason-out-of-range = { $value } is outside 0 to 1, the range of a proportion
reason-negative = { $value } is negative; a standard deviation is 0 or more
reason-not-a-date = "{ $value }" is not a date such as 2026-06-30 (2026-06 and 2026 are allowed)
reason-future = { $value } is after today ({ $today })
reason-unknown-access = "{ $value }" is not one of { $allowed }
reason-unknown-unit = "{ $value }" is not one of { $allowed }
reason-unknown-model = no model is registered as "{ $value }"; close names: { $close }
reason-identity-conflict = "{ $value }" could mean several model versions: { $close }
reason-unknown-benchmark = no benchmark is registered as "{ $value }"; close names: { $close }
reason-duplicate = the row repeats line { $first }
reason-not-a-count = "{ $value }" is not a whole number of 1 or more
reason-not-positive = { $value } is not above 0
