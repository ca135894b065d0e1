# Reading a body of a public source: what is wrong with it, and what to do.

error-source-not-format = { $source }: the body of { $resource } is not { $form }: { $why }.
error-source-not-format-hint = Fetch it again; a page of an error or a cut download looks like this. The store is as it was.
error-source-lfs-pointer = { $source }: { $resource } is a pointer to a large file, not the file.
error-source-lfs-pointer-hint = The source has moved the file to Git LFS; its address has to change in Headway.
error-source-too-big = { $source }: { $where } unpacks to more than { $limit }.
error-source-too-big-hint = Nothing of it was read. Look at the file by hand before you trust it.
error-source-column-missing = { $source }: { $where } lacks { $columns }; it has { $found }.
error-source-column-missing-hint = The source has changed its shape. The store is as it was; report it, so that the connector is brought up to date.
error-source-column-twice = { $source }: { $where } has more than one column { $columns }; it has { $found }.
error-source-column-twice-hint = The source has changed its shape. The store is as it was; report it, so that the connector is brought up to date.
error-source-shape = { $source }: { $where } should be a JSON or YAML { $expected }; found { $found }.
error-source-shape-hint = The source has changed its shape. The store is as it was; report it, so that the connector is brought up to date.
error-source-unit-changed = { $source }: { $where } is declared as { $unit }, but its values lie between { $low } and { $high }: the scale has changed (unit_changed).
error-source-unit-changed-hint = Nothing was read, since every number would be wrong by the same factor. Report it, so that the declaration is brought up to date.
error-source-dates-changed = { $source }: no date in { $where } can be read; the first one is "{ $example }".
error-source-dates-changed-hint = The source has changed its date format, or its dates lie outside 2015 to 2100. The store is as it was.
error-source-empty = { $source }: the body of { $resource } holds no rows.
error-source-empty-hint = The source may be under repair. The store is as it was; try again later.
error-source-nothing-read = { $source }: none of { $rows } rows can be read. The first one, { $where }: { $reason } ("{ $example }").
error-source-nothing-read-hint = The source has changed its shape. The store is as it was; report it, so that the connector is brought up to date.
error-source-draws = { $source }: { $where } should hold one number per model and draw; found { $names } names and { $draws } draws that do not fit them.
error-source-draws-hint = The source has changed its shape. The store is as it was; report it, so that the connector is brought up to date.

# What a reader of a source's numbers should know.
quirk-epoch-hub-external = Files named "external" hold results of others under their own terms; only the other files are the publisher's own runs.
quirk-epoch-hub-names = Some rows carry only a display name and no model version; rows with neither are listed as failures.
quirk-epoch-hub-units = The scale of a file comes from its metadata; a file that it does not describe, and that Headway does not know, is not read.
quirk-epoch-eci-scale = The index is fixed by two models (130 and 150 points) and is re-estimated daily: old and new values are not joined.
quirk-epoch-eci-anchors = The two models that fix the scale have no interval.
quirk-models-dev-dates = Dates may belong to an alias that points to a newer model; another source of the date is trusted first.
quirk-models-dev-quotes = Results are quoted from developers and boards; the terms of the quoted page apply.
quirk-metr-versions = Versions of the suite are not comparable; a model may be in both.
quirk-metr-runs = Human runs stand among the runs of models, under the alias "human".
quirk-cybergym-reporters = Who reported a row differs: the team for early rows, developers for most later ones. Agent and budget differ too.
quirk-cybergym-exploitgym = Counts of exploits, not shares; two versions of the set of tasks stand in one list.
quirk-lyptus-subset = One model was run on a hard part of the tasks only; its mean over the tasks it saw is not comparable.
quirk-lmarena-elo = Ratings rest on votes of visitors, not on checked answers, and move as models join.
quirk-lmarena-boards = Ratings with and without control for style are different boards.
quirk-swe-bench-models = An entry names a system; the model is taken from its tag where it has exactly one.
quirk-swe-bench-licence = Non-commercial terms: read for your own use, never shipped.
quirk-aider-stale = Not brought up to date since October 2025.
quirk-aider-format = A second attempt sees the failed tests of the first.
quirk-sec-code-bench-tools = Some entries are products with tools around a model.
quirk-sec-code-bench-defence = It measures secure code, not offence.
quirk-sec-bench-modes = Runs that timed out count as unsolved in the headline and are left out of "completed", which is then high for slow agents.
quirk-sec-bench-snapshots = The set of tasks differs between snapshots.
