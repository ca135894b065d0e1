# Sections of the report for further questions about the lag.
section-test = Do the common claims hold?
section-reconcile = Why published numbers differ
section-forecast = When would an open-weight model reach it?
section-backtest = How good would such forecasts have been?
section-effects = How far to believe the scores
section-sauce = What coding skill does not explain
section-harness = Weights or harness?
section-density = How small can an equal model be?
nav-test = Claims
nav-reconcile = Published
nav-forecast = Forecast
nav-backtest = Back-test
nav-effects = Scores
nav-sauce = Cyber alone
nav-harness = Harness
nav-density = Size
question-test = Is the lag 6 to 9 months, or 6 to 18? Is it longer in cyber than in coding? Does it stand still? Each claim is a test with its rule stated, and is tried again under every other choice we could make.
question-reconcile = Each published lag is computed again from its own data by its own rule. Then one choice is changed at a time, and the months that it moves are shown.
question-forecast = Dates by which a downloadable model reaches the level of a closed one, from the trend, from past waiting times, and from the size needed for equal ability.
question-backtest = Forecasts are made again as they would have been in the past, with what was known then, and compared with simple rules fixed beforehand.
question-effects = Who ran the test, whether its items are public, how fresh it is, who was tested at all: how much each of these moves scores.
question-sauce = Part of cyber skill comes with coding and general skill. The rest is what a model has beyond them.
question-harness = The same weights score differently under another scaffold or budget. How many months is that worth?
question-density = Parameters needed for the same ability fall with time. How fast, and with what error?
answer-command = The same on a terminal, with every choice open:
answer-none = Not computed for this data. To compute it:
answer-other_day = This study is judged by all data (up to { $through }), so it does not stand in a report of an earlier day. On a terminal:
answer-more = { $many ->
    [one] { $count } more sentence
   *[other] { $count } more sentences
}
answer-confounded = Openness and country cannot be told apart at the cyber frontier: the open leader ({ $open }) and the closed one ({ $closed }) differ in both. The table of countries says what can be compared.
answer-no_target = { $target } is not among the models of this data. For another model:

## First screen
brief-title = The verdicts in brief
brief-more = More: { $section }
answer-probability = probability { $share }
answer-target = Open model at the level of { $target }: { $cell }
answer-reached = Reached already
answer-even_odds = Even odds by
answer-interval = { $level } interval of the date
answer-dates = { $low } to { $high }

## Findings and counts of figures
finding-forecast = { $cell }: even odds of an open model at the level of { $target }: { $median } ({ $low } to { $high })
finding-backtest = Mean error of past forecasts, mixture against best naive one: { $list }
finding-backtest_item = { $vintage } { $ours } against { $theirs } months ({ $baseline })
finding-effects_gaps = Open less closed, public less held-out items: { $model } by the ability model, { $matched } by matched comparison
finding-effects_forest = At a score of 50 %, a developer’s own figure stands { $first } above an independent one, a rival’s { $rival }
finding-effects_dependence = Cyber: for { $count } of { $total } frontier models more than half of the evidence comes from the developer alone
answer-figures = { $count } published figures
answer-records = { $count } models and parts
answer-scores = { $count } scores
answer-sized = { $count } open models of known size
answer-orders = mean over { $count } orders
answer-targets = up to { $count } resolved targets

## How to read the figures
answer-claims_key = Large dot: probability with the chance of releases. Hollow: measurement alone. Thin strokes: refits, each with something left out or chosen otherwise (equal ones coincide). Dashed lines: 5 % and 95 %, where the rule decides.
answer-path_key = Each bar changes one choice; its line is the interval over the draws, where there are draws. The steps add up to the difference exactly. Any two figures of the next chart have such a path on the command line.
answer-published_key = Diamond: as published. Circle: computed again from public data by the publisher’s rule; its line is the range over other public readings. Figures whose inputs are not public stand in the table only.
answer-forecast_key = Above: probability that an open-weight model is at that level, by date, with the forecasts it is made of. Below: median (dot), middle half (thick) and 90 % interval (thin) per part.
answer-backtest_key = Left and right never mix: strict runs use rows with a date of their own only; the others also rows whose date was reconstructed. Shorter bars are better. Below: how often the outcome fell into each tenth of the forecast.
answer-gaps_key = Lines fall from public to held-out items where open models look closer on public ones. Lines: one domain each. Dashed: one pair of models of one panel, as an example, in points as told.
answer-effects_key = Points at a score of 50 %, with 90 % intervals. Circle: as a term of the ability model. Diamond: matched comparison of the same model and benchmark. A line without a mark says why it has none.
answer-dependence_key = Filled: share of the evidence on a model that its developer alone told. Outline: with rivals’ figures. The rest is independent. Coding and general ability are in the table.
answer-sauce_key = How many months a model was ahead of the closed frontier’s trend on the day of its launch, with intervals. Below: the same for parts of cyber.
answer-harness_key = Months of progress of the public closed frontier that a better scaffold, more effort or a larger budget is worth, with intervals. Parts that cannot be estimated are in the table.
answer-density_key = Dots: open models of known size. Lines with bands: parameters that the typical model needs for a fixed level. Dashed steps: the smallest tested model at that level.

## Tables
answer-column-process = Estimate ({ $level } interval with the chance of releases)
answer-column-measured = { $level } interval, measurement
answer-column-probability_measured = By measurement alone
answer-column-error = Error, months (censored CRPS)
answer-column-measure = Measure
answer-column-group = Group
answer-column-basis = Basis
answer-column-estimate = Estimate
answer-column-n = n
answer-table_definitions = Probability by every definition
answer-table_stages = Claims inside cyber, by stage
answer-table_countries = Countries: mean lag of one group behind another, last 12 months
answer-table_published = All published lags
answer-table_components = What the forecast is made of, and naive forecasts
answer-table_changes = What would change the forecast
answer-table_basis = What the back-test rests on
answer-table_effects = All effects
answer-sauce_structures = How much of cyber is coding and general ability
answer-density_rates = Halving times

## Headings of the list of sections
navigation-lag = Answer
navigation-time = Through time
navigation-ground = What it rests on
navigation-method = Method, data
