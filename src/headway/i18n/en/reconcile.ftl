# Published lags computed again, and the path between any two of them.

## The list
reconcile-verdict = { $count } published lags in months: { $reproduced } reproduced from their authors’ own data and rules, { $partly } in part, { $hidden } rest on inputs that are not public.
reconcile-verdict_more = A range is what other public readings of the same statement give. headway reconcile --path A B shows what moves one into another.
reconcile-hidden = Nothing to compute again, because { $why }: { $names }.
reconcile-column-preset = figure
reconcile-column-publisher = publisher
reconcile-column-published = published
reconcile-column-again = computed again
reconcile-column-status = status
reconcile-status-reproduced = reproduced
reconcile-status-partly = in part
reconcile-status-inputs_not_public = inputs not public
reconcile-number_interval = { $value } [{ $low } to { $high }]
reconcile-only_interval = [{ $low } to { $high }]
reconcile-up_to = up to { $high }

## Reasons
reconcile-why-inputs_not_stored = the scores behind them are not in this release
reconcile-why-inputs_licensed = the licence of the scores does not allow passing them on
reconcile-why-inputs_not_named = the author does not say which scores
reconcile-why-judgement = they are judgements
reconcile-why-forecast = they are forecasts
reconcile-why-cited_from_others = they cite others
note-inputs_not_stored = the scores behind it are not in this release
note-inputs_licensed = the licence of the scores does not allow passing them on
note-inputs_not_named = the author does not say which scores
note-judgement = a judgement
note-forecast = a forecast
note-cited_from_others = cited from others
note-range_without_summary = a range without a summary statistic
note-not_in_data = the data set does not offer this value of { $arg }
note-no_model_named = no model is named
note-model_not_in_data = the data set does not hold the named model
note-model_not_entered = the named model had not come out by that day
note-model_not_informative = the named model is not measured well enough here
note-forward_needs_step = months until a match need the step rule
note-forward_needs_reach = months until a match are counted to the first one at the level
note-too_few_records = too few records for a line
note-no_records_in_window = no open record in the window
note-no_matches = no closed record was matched in the window
note-draws_not_numbers = { $share } of the draws are no number somewhere on the path

## The path
reconcile-path_verdict = From { $begin } ({ $from } months) to { $end } ({ $to } months): { $difference } months. The largest step is { $choice }: { $months } months.
reconcile-path_none = From { $begin } ({ $from } months) to { $end } ({ $to } months): no choice differs.
reconcile-path_orders = { $feasible } of { $all } orders can be computed; a step is the mean over these orders, and the steps add up to the difference exactly.
reconcile-path_joined = Could not be changed one by one, so they stand in one step: { $names }.
reconcile-path_blocked = Cannot be computed on the way ({ $count } combinations), for example { $example }: { $why }.
reconcile-column-choice = choice
reconcile-column-from = from
reconcile-column-to = to
reconcile-column-months = moves (months)
reconcile-column-interval = { $level } interval
reconcile-column-orders = least to most, by order
reconcile-both_ends = { $low } to { $high }

## One choice at a time
reconcile-set_verdict = { $preset } with { $count } choices changed: { $before } → { $after }.
reconcile-column-before = before
reconcile-column-after = after

## Choices and their values
reconcile-choice-data = Data set
reconcile-choice-domain = Domain
reconcile-choice-items = Item access
reconcile-choice-evaluator = Evaluator
reconcile-choice-irt = IRT parameters
reconcile-choice-groups = Who follows whom
reconcile-choice-dates = Date convention
reconcile-choice-frontier = Closed frontier
reconcile-choice-rule = Step or trend
reconcile-choice-matching = Matching rule
reconcile-choice-margin = Margin
reconcile-choice-first_match = First match in the data
reconcile-choice-average = Averaging
reconcile-choice-model = Model
reconcile-choice-since = Window from
reconcile-choice-as_of = As of
reconcile-joined = { $first } + { $second }

## The chart
reconcile-chart_axis = Lag, months
reconcile-chart_finding = { $choice } moves the lag most: { $months } of { $difference } months
reconcile-chart_steps = How { $begin } becomes { $end }
reconcile-chart_arrow = { $from } → { $to }
reconcile-chart_list = Published lags, and what comes out again

## Errors
error-reconcile-unknown = There is no figure or lag called "{ $name }". Close names: { $close }.
error-reconcile-unknown-hint = "headway reconcile" lists all figures; headway-cyber, headway-coding and headway-general are Headway’s own.
error-reconcile-not_computable = { $name } cannot be the end of a path: { $why }.
error-reconcile-not_computable-hint = Take a figure that has a number under "computed again".
error-reconcile-as_of = --as-of says nothing here: each figure has its own day.
error-reconcile-as_of-hint = Change the day of one lag with --set as_of=2026-06-30.
error-reconcile-options = --path and --set do not go together.
error-reconcile-options-hint = --path shows the steps between two figures, --set changes choices of one.
error-reconcile-setting = --set needs choice=value; got "{ $value }".
error-reconcile-setting-hint = For example --set rule=trend_closed.
error-reconcile-choice = There is no choice called "{ $choice }".
error-reconcile-choice-hint = One of { $allowed }.
error-reconcile-value = { $choice } cannot be "{ $value }".
error-reconcile-value-hint = One of { $allowed }.
error-reconcile-number = { $choice } cannot be "{ $value }".
error-reconcile-number-hint = margin is a number of at least 0; since and as_of are dates such as 2026-06-30, since before as_of.
error-reconcile-data = There is no data set or model called "{ $name }".
error-reconcile-data-hint = One of { $known }; or pair:LEADER/FOLLOWER with two model ids.
