# headway place: an unreleased model against the frontiers.

place-title = { $model }: { $used } of { $rows } scores used; seen from { $as_of } against data release { $release }. Nothing was stored.
place-left-index = Left out: { $number } on an index of benchmarks (its parts are the evidence).
place-left-not_used = Left out: { $number } on a benchmark that no fit uses ("headway data show BENCHMARK" says why).
place-left-aggregate = Left out: { $number } on an aggregate whose parts are given too.
place-left-lower_effort = Left out: { $number } at a lower effort than another one on the same benchmark.
place-left-other = Left out: { $number } ({ $reason }).
place-none = No part can be estimated from these scores; the table says what is missing.
place-sentence = { $cell }: { $model } is at the level that closed models had reached by { $date } ({ $level } interval { $interval }). Probability that it is above every open-weight model already out: { $above }.
place-sentence-ahead = { $cell }: { $model } is ahead of every closed model already out ({ $level } interval { $interval }). Probability that it is above every open-weight model already out: { $above }.
place-ahead = ahead of closed models
place-or_before = { $date } or before
place-end-ahead = ahead of closed models
place-end-before = before the first closed model
place-with-interval = { $amount } ({ $interval })
place-column-date = equals closed models of
place-column-interval = { $level } interval
place-column-lag = that is behind by
place-column-uplift = uplift over the best open model ({ $level } interval)
place-column-above = above all open
place-column-scores = scores
place-column-ratio = sd / prior sd

note-no_own_scores = no score given here
note-own_scores_too_few = the scores given say too little: posterior sd is { $have } of the prior sd, at most { $need } is needed
note-p_ahead_of_closed = probability that it is ahead of closed models: { $share }
note-p_before_first_closed = probability that only a bound is known: { $share }
note-posterior_probability = a share of posterior draws; its uncertainty is in the draws
note-from_other_parts = from the model's other parts alone
warning-place_registered = "{ $model }" is a registered name. Its rows in the file are placed as those of another, new model; the registered one stays where it is.
