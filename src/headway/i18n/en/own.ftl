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
