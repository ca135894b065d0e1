# headway data diff: what changed between two releases, what moved because of it, and why.

diff-side = { $name } (release { $release }, scores up to { $day })
diff-head = Before: { $before }
    After: { $after }
diff-same = Both are the same data: { $before } and { $after }. No table differs, so no answer can.

## Answers
diff-lead-lags = { $count ->
    [one] { $moved } of { $total } lags moves
   *[other] { $moved } of { $total } lags move
} by more than the noise of the simulation, as of { $day }:
diff-lead-no_lag = No lag moves by more than the noise of the simulation ({ $total } lags, as of { $day }).
diff-lead-unjudged = With { $seeds } of the three seeds that it takes, nothing can be said about whether the { $total } lags move by more than the noise of the simulation (as of { $day }).
diff-lead-verdicts = { $count ->
    [one] { $flips } of { $total } verdicts changes
   *[other] { $flips } of { $total } verdicts change
}; { $firm } of them under every seed on both sides.
diff-lead-verdicts-unsure = { $count ->
    [one] { $flips } of { $total } verdicts changes, but not under every seed: it stood, or stands, close to the line.
   *[other] { $flips } of { $total } verdicts change, but none of them under every seed: they stood, or stand, close to the line.
}
diff-lead-no_verdict = None of the { $total } verdicts changes.
diff-sentence-moved = { $part }: { $before } → { $after } ({ $difference } over the seeds)
diff-sentence-state = { $part }: { $before } → { $after }
diff-sentence-flip = { $claim } ({ $part }): { $before } → { $after }
diff-sentence-join = {"; "}
diff-cause-most = most of it, { $difference } alone, from { $cause }
diff-cause-several = from several causes, none of which does most of it alone
diff-cause-only = from { $cause }, the only change that can move it
diff-cause-models = dates and access of models
diff-cause-benchmarks = entries of benchmarks
diff-cause-others = { $count } others together
diff-cause-brings = { $cause } (new: { $models })
diff-cause-members = { $cause }: { $members }
diff-leader-open = open frontier held by { $after }, not { $before }
diff-leader-closed = first closed model at its level { $after }, not { $before }
diff-lags = Lags as of { $day }, months:
diff-causes = What each cause alone does to the lags that moved, mean over the seeds (in brackets: no more than the noise). --by model puts changes together by model, --by source by source:
diff-changed_by = Changed by (rows):
diff-no_cause = Nothing that the answers rest on (scores, models, access, benchmarks) differs, so they are the same.
diff-verdicts = Verdicts that change:
diff-by_seed = { $verdict } ({ $seeds } of { $total } seeds)
diff-to = to { $after }
diff-plus_minus = { $value } ± { $floor }
diff-from_to = { $before } → { $after }
diff-stage = { $domain }, { $stage }
diff-at_most = upper limit only
diff-noise = Both releases answer with the same { $seeds } seeds of the random numbers. Before, after and difference are by the first one; ± is how far the mean difference may go by chance of the seeds (95 %). “Alone” means: applied to the first release without any other change. What the causes leave over is their interaction: two sources may tell the same thing twice, or only together.
diff-noise-unknown = The noise of the simulation was not measured with { $seeds } of the { $least } seeds that it takes (--seeds 5).
diff-says-same = same
diff-says-within_noise = within the noise
diff-says-moved = moved
diff-says-state_changed = state changed
diff-says-state_unsure = state changed, not with every seed
diff-says-no_number = no number to compare
diff-says-not_judged = noise not known

## Columns
diff-column-part = Part
diff-column-before = Before
diff-column-after = After
diff-column-difference = Difference
diff-column-mean = Mean over the seeds ± noise
diff-column-says = Finding
diff-column-own_date = { $name } at its own last day, { $day }
diff-column-remainder = Left over
diff-column-cause = Cause
diff-column-added = Added
diff-column-removed = Removed
diff-column-changed = Changed
diff-column-new_models = New models
diff-column-claim = Claim
diff-column-definition = Definition
diff-column-probability = Probability
diff-column-alone = Enough alone
diff-column-table = Table
diff-column-columns = Changed columns (rows)
diff-column-source = Scores by source
diff-column-benchmark = Scores by benchmark
diff-column-change = Change
diff-column-cells = What

## Tables
diff-tables = Tables that differ (rows):
diff-tables-same = The same in both: { $tables }.
diff-renumbered = { $count } scores differ in their id only and count as the same.
diff-added = added
diff-removed = removed
diff-changed = changed
diff-cell = { $column }: { $before } → { $after }
diff-written = The changed cells were written: { $path }

## Warnings and errors
warning-diff_same = { $before } and { $after } are the same data.
warning-diff_beyond = { $name } holds scores up to { $data_through } only; its answers are those it gives as of { $as_of }, when time has passed and nothing was added.
error-diff-release = The release "{ $name }" cannot be compared: { $why }
error-diff-release-hint = "headway data list releases" shows every release and its state.
error-diff-none = "none" does not go with another kind of results.
error-diff-none-hint = Write --results lag, --results tests, --results lag,tests or --results none.
error-diff-count = { $option } must be a number from { $least } to { $most }; got { $value }.
error-diff-count-hint = The more seeds, the surer the noise; each seed and each cause is one more fit of the model.
error-diff-output = { $file } has an ending that says no format.
error-diff-output-hint = Give a file that ends with .csv or .parquet.
