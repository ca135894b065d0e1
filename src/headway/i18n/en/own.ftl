# headway data export, add, remove.

export-written = { $rows } rows of { $table } were written: { $path }
export-printed = { $rows } rows of { $table }
error-export-eee = Every Eval Ever records hold scores; the table { $table } cannot be written as such.
error-export-eee-hint = Export the table scores, or choose another format.
error-export-where = "{ $condition }" is not a condition on a column of this table. Columns: { $columns }.
error-export-where-hint = Write COLUMN=VALUE, for example model_version=gpt-5.
error-export-empty = { $table }: no row is left under { $where }.
error-export-empty-hint = "headway data show { $table }" shows what there is.
error-export-too-long = { $rows } rows do not fit a sheet of at most { $limit }.
error-export-too-long-hint = Choose csv or parquet, or fewer rows with --where.

own-added = { $rows } rows were stored ({ $known } of the file were there already); { $total } are stored now. "--own include" uses them.
own-would_add = Every row can be used. { $rows } would be stored ({ $known } of the file are there already), { $total } then. Nothing was written; --yes stores them.
own-refused = { $bad } rows cannot be used. Nothing was written.
own-removed = { $rows } rows were removed; { $total } are stored now.
own-would_remove = { $rows } rows would be removed, { $total } would stay. Nothing was written; --yes removes them.
own-ask = Go on?
warning-own_left_out = Results of your own are stored and left out of this answer. "--own include" uses them.
reason-format-row = this row cannot be read: { $why } ({ $value })
error-own-damaged = The file of your own results is damaged ({ $why }).
error-own-damaged-hint = Move own/scores.jsonl out of your data folder ("headway doctor" names it) and add the files again.
error-own-unknown = Your own results name entries of { $column } that the release in use lacks: { $names }.
error-own-unknown-hint = Remove them with "headway data remove NAME", or use the release they were added with.
error-own-none = No result of your own is called "{ $name }". Files: { $files }.
error-own-none-hint = Give a file as it was added, a model version, a benchmark, a row's id, or all.
error-own-write = { $file } cannot be written in your data folder ({ $why }).
error-own-write-hint = "headway doctor" names the folder; HEADWAY_DATA_DIR chooses another.
