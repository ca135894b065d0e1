# Forecasts and back-tests: sentences, headings, notes, charts.

## Methods
forecast-method-mixture = mixture
forecast-method-equal = mixture, equal weights
forecast-method-trend = trend of the open frontier
forecast-method-survival = how long closed records stood
forecast-method-density = size needed and size available
forecast-method-constant_6 = naive: 6 months
forecast-method-constant_12 = naive: 12 months
forecast-method-constant_18 = naive: 18 months
forecast-method-last_lag = naive: the last lag
forecast-method-linear_trend = naive: straight line

## Forecast
forecast-reached = reached
forecast-reached_already = already reached
forecast-later = later
forecast-verdict = { $cell }: even odds that an open-weight model is at the level of { $target } by { $median } (90 % interval from { $low } to { $high }; from what was known on { $as_of }).
forecast-verdict-passed = { $cell }: an open-weight model is probably at the level of { $target } already (90 % interval of the date from { $low } to { $high }; from what was known on { $as_of }).
forecast-verdict-reached = Probability that it has happened already: { $share }, most likely by { $model } ({ $model_share }). Counting releases whose results may not be in yet: { $unseen }.
forecast-verdict-not_yet = No open-weight model in the data has reached that level in any draw.
forecast-verdict-baseline = In the back-test a naive forecast did better than the mixture, so it is used here: { $method }.
forecast-verdict-none = No forecast can be made for { $target }: { $reason }.
forecast-column-cell = part
forecast-column-reached = already
forecast-column-quantile = { $share }
forecast-column-by = by { $date }
forecast-column-method = { $cell }: forecast
forecast-column-weight = weight
forecast-column-change = { $cell }: what would change it
forecast-few_scores = { $count ->
    [0] no score of the target here
    [1] one score of the target here
   *[other] { $count } scores of the target here
}
forecast-change-plain_pool = equal weights, nothing learned from the back-test
forecast-change-slower = open progress at half its pace
forecast-change-faster = open progress at twice its pace
forecast-change-only_trend = the trend alone
forecast-change-only_survival = how long closed records stood, alone
forecast-change-only_density = size needed and size available, alone
forecast-change-target_low = the target as weak as the data allow (5 %)
forecast-change-target_high = the target as strong as the data allow (95 %)
forecast-change-record_now = an open record of the usual size today
forecast-change-pause_3 = no open release for 3 months
forecast-change-pause_6 = no open release for 6 months
forecast-change-pause_12 = no open release for 12 months
forecast-change-independent = independent evidence only
forecast-no_backtest = No back-test was computed for these data, so all three forecasts weigh the same and none is corrected. Run: headway backtest --compute

## Back-test
backtest-vintage-strict = strict
backtest-vintage-pseudo = with reconstructed dates
backtest-verdict-better = Back-test, { $vintage } ({ $count } resolved targets): the mixture beats every naive forecast; against the best of them ({ $baseline }) its error (censored CRPS) is { $ours } instead of { $theirs } months, { $skill } % better (90 % interval { $interval }).
backtest-verdict-alike = Back-test, { $vintage } ({ $count } resolved targets): no measurable skill over the best naive forecast ({ $baseline }). Error (censored CRPS) { $ours } against { $theirs } months, skill { $skill } % (90 % interval { $interval }; above 0 is better).
backtest-verdict-worse = Back-test, { $vintage } ({ $count } resolved targets): the mixture is worse than the best naive forecast ({ $baseline }). Error (censored CRPS) { $ours } against { $theirs } months, skill { $skill } % (90 % interval { $interval }; above 0 is better).
backtest-verdict-too_few = Back-test, { $vintage }: { $count } resolved targets, too few to rank forecasts.
backtest-chosen-mixture = The { $vintage } runs decide what a forecast of today uses: there the mixture has the smallest mean error, so it is used. The best naive forecast there: { $baseline }.
backtest-chosen-baseline = The { $vintage } runs decide what a forecast of today uses: there a naive forecast has the smallest mean error, so it is used: { $baseline }.
backtest-chosen-equal = Neither kind of run holds enough resolved targets to learn weights, so the three forecasts weigh the same.
backtest-not_computed = No back-test was computed for these data. Run: headway backtest --compute (some minutes).
backtest-too_few_to_rank = too few to rank
backtest-column-method = forecast
backtest-column-crps = { $vintage }: error, months
backtest-column-log = log score
backtest-column-skill = mixture better by, %
backtest-column-coverage = in { $level } interval
backtest-column-vintage = rows used
backtest-column-targets = targets
backtest-column-resolved = resolved
backtest-column-best = error of the mixture, months
backtest-column-since = possible since
backtest-column-target = target
backtest-column-entered = launched
backtest-column-reached = reached
backtest-column-rests_strict = strict forecasts
backtest-column-rests_pseudo = with reconstructed dates
backtest-skill = { $value } ({ $low } to { $high })
backtest-open = not yet
backtest-rests = { $count } on { $low } to { $high } scores
backtest-status-issued = issued
backtest-status-held_reached = was held for reached
backtest-status-target_not_scored = no score of it was known
backtest-status-not_estimable = too few rows
backtest-precedent = { $name }: { $events }. Sources: { $source }
backtest-precedent-gpt-2 = Precedent GPT-2 (held back in 2019, released in stages)
backtest-event = { $date } { $event }
backtest-event-announced = announced
backtest-event-weights_124m = weights of the 124M model
backtest-event-weights_355m = weights of the 355M model
backtest-event-weights_774m = weights of the 774M model
backtest-event-weights_1558m = weights of the full 1.5B model

## Charts
finding-forecast_none = No date can be forecast for { $target }
chart-forecast-probability = probability that it has happened
chart-forecast-used = forecast
chart-forecast-dates = date on which an open-weight model is at that level
chart-forecast-reached_share = reached already: { $share }
chart-forecast-words = { $median } ({ $low } to { $high })
chart-backtest-crps = mean error (censored CRPS), months
chart-backtest-pit = where outcomes fell in the forecasts of the mixture
chart-backtest-tenths = tenth of the forecast distribution (early to late)
chart-backtest-even = even if calibrated
chart-backtest-strict = strict: rows with a date of their own
chart-backtest-pseudo = with reconstructed dates

## Notes and warnings
note-target_not_scored = the target has no score here
note-target_not_out = the target was not out by the reference date
note-no_trend = no trend: too few open records
note-no_survival = no survival forecast: too few matched closed records
note-no_density = no density forecast: too few models of known size
note-no_component = none of the three forecasts can be made
note-too_few_size_records = too few records of model size ({ $have } of { $need } needed)
note-too_few_headways = too few matched closed records ({ $have } of { $need } needed)
note-too_few_to_rank = too few resolved targets to rank forecasts ({ $have } of { $need } needed)
warning-no_backtest = No back-test was computed for these data: the three forecasts weigh the same.
warning-backtest_not_computed = No back-test was computed for these data. "headway backtest --compute" runs it.
error-bad-horizon = The horizon must be above 0 and at most { $most } months; got { $value }.
error-bad-horizon-hint = 60 months is the default.
error-backtest-as-of = A back-test is judged by all data (up to { $data_through }); it cannot be judged as of { $as_of }.
error-backtest-as-of-hint = Leave --as-of out. The forecasts inside it are as of past dates anyway.
error-backtest-not-computed = No back-test was computed for these data, so there is nothing to draw.
error-backtest-not-computed-hint = Run "headway backtest --compute".
