# Formats of results from outside.

error-format-unknown = { $file }: this format of results is not known.
error-format-unknown-hint = Known are .csv, .json (Every Eval Ever, lm-evaluation-harness), .jsonl, .yaml (Hugging Face results) and .eval (Inspect).
error-format-not-utf8 = { $file } is not UTF-8 text (first bad byte at { $position }).
error-format-not-utf8-hint = Export it again as UTF-8.
error-format-not-json = { $file } is not valid JSON ({ $why }).
error-format-not-json-hint = Check that the file is complete.
error-format-not-yaml = { $file } is not a plain YAML file ({ $why }).
error-format-not-yaml-hint = Give a list of results as described on the documentation page "Files from outside".
error-format-drift = { $file }: these parts are missing: { $missing }. Found: { $found }.
error-format-drift-hint = Check the format and its version; the documentation page "Files from outside" shows the shapes.
error-bad-mapping = The mapping names columns that do not exist: { $columns }.
error-bad-mapping-hint = It may name { $allowed }.
error-damaged-zip = { $file } is not a complete log: the zip cannot be read ({ $why }).
error-damaged-zip-hint = Copy it again; a log that is still being written has no end yet.
error-zip-entry-large = { $file }: { $entry } is larger than { $limit } MiB when unpacked.
error-zip-entry-large-hint = Such a log is refused; write one with shorter metadata.
