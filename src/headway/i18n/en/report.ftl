# The report page and its charts.

## Frame of the page
report-title = How far behind are open-weight models?
report-lead = Headway measures how many months the best downloadable AI models are behind the best closed ones, part by part, with intervals.
report-facts = Reference date { $as_of }. Data release { $data_release }. { $models } models, { $scores } scores, { $benchmarks } benchmarks, { $sources } sources. All intervals are { $level } intervals.
skip-link = Skip to the answer
nav-label = Sections
theme-switch = Light or dark
theme-auto = Automatic
theme-light = Light
theme-dark = Dark
section-caveats = Read this first
section-answer = The answer
section-frontiers = Frontiers: every model and its error bar
section-history = The lag through time
section-headway = Headway: how long closed models stay unmatched
section-stages = Inside cyber
section-evidence = What changes with the evidence
section-definitions = All definitions side by side
section-trust = How far to trust these intervals
section-drivers = What drives the interval
section-tiers = Models in tiers
section-method = Method in plain words
section-sources = Sources
section-cite = Cite and download
section-provenance = Provenance
nav-caveats = Caveats
nav-answer = Answer
nav-frontiers = Frontiers
nav-history = History
nav-headway = Headway
nav-stages = Cyber
nav-evidence = Evidence
nav-definitions = Definitions
nav-trust = Trust
nav-drivers = Drivers
nav-tiers = Tiers
nav-method = Method
nav-sources = Sources
nav-cite = Cite
all-caveats = All other caveats ({ $count })
back-to-top = Back to top

## Headline
card-estimated = Over the last 12 months the best open-weight models were, on average, an estimated { $amount } behind the best public closed ones.
card-censored = Over the last 12 months the best open-weight models were, on average, { $amount } behind the best public closed ones. The exact lag is not known: the first closed model in the data already matches.
card-open_leads = For most of the last 12 months no public closed model in the data had reached the level of the best open-weight ones.
card-not_estimable = The data cannot carry a number yet. Missing: { $reason }.
card-zero = Over the last 12 months, { $why }. Those days count as 0, and so the median of the mean lag is 0.
card-no_reason = no reason was recorded
card-measurement = { $level } interval, measurement
card-process = with the chance of releases
card-restricted = With restricted models: { $amount }
card-chances = Over the draws: { $list }
card-chance = { $state } { $share }
basis = { $n } ({ $clusters })
card-basis = { $models }, { $developers }
count-developers = { $many ->
    [one] { $count } developer
   *[other] { $count } developers
}
intervals-title = Two intervals, two kinds of doubt
intervals-measurement = The measurement interval asks: with exactly the models that were released, how well do the published scores pin down the lag? It comes from the spread of abilities that fit the scores.
intervals-process = The wider interval also asks: what if other releases had come at other dates? It resamples developers and their releases as well. Use it to judge whether the lag changes or differs between domains.
no-process = not computed

## Findings (titles of figures)
finding-headline = Estimated mean lag over the last 12 months: { $list }
finding-item = { $name } { $amount } ({ $interval })
finding-item_bare = { $name }: { $amount }
finding-frontier = { $status ->
    [open_leads] { $domain }: no public closed model in the data has reached the best open-weight models
    [censored] { $domain }: the best open-weight models are { $amount } behind the public closed frontier
    [not_estimable] { $domain }: the lag cannot be estimated yet
   *[estimated] { $domain }: the best open-weight models are an estimated { $amount } behind the public closed frontier today ({ $interval })
}
finding-history = Mean lag through time: { $list }
finding-history_none = No lag through time can be estimated yet
finding-range = { $name } between { $low } and { $high } since { $since }
finding-range_one = { $name } about { $high } since { $since }
finding-spread = { $name } { $low } to { $high }
finding-coverage = The { $level } intervals held the truth in { $low } to { $high } of the cases, depending on the definition
finding-coverage_none = No interval could be held against the truth
finding-priors = With other priors the mean lag would be: { $list }
finding-index = Against a published index: rank correlation { $value } ({ $interval })
finding-headway = { $matched } of { $total } closed records are matched so far; median wait: { $list }
finding-stages = Inside cyber the lag can be estimated for { $count } of { $total } stages
finding-evidence = With independent evaluators only, the mean lag is: { $list }
finding-drivers = { $many ->
    [one] { $count } model has a chance of at least 5 % of defining a frontier today
   *[other] { $count } models have a chance of at least 5 % of defining a frontier today
}
finding-tiers = The data separate the models into tiers, not into ranks

## Figures
figure-number = Figure { $number }
figure-models = { $many ->
    [one] { $count } model
   *[other] { $count } models
}
figure-sources = { $many ->
    [one] { $count } source
   *[other] { $count } sources
}
figure-as_of = as of { $date }
figure-method = Method
figure-data = Data table: { $title }
figure-download = Download
figure-cite = Cite: { $text }
figure-alt = { $finding }. The numbers are in the data table below the chart.
figure-undated = { $many ->
    [one] { $count } model without a known date is in the table only.
   *[other] { $count } models without a known date are in the table only.
}
figure-faint = Hollow, faint marks: models with too little data in this domain to define a frontier. Lines and bands: median frontier and its { $level } interval. Dashed: closed frontier with restricted models.
figure-edge = { $many ->
    [one] The mark on the edge lies outside the axes ({ $count } model with too little data); the table has its value.
   *[other] Marks on the edge lie outside the axes ({ $count } models with too little data); the table has their values.
}
figure-hint = Point at a mark, or tap it, to read its name and numbers.
figure-forest_key = Dot: median. Thick line: measurement interval. Thin line: with the chance of releases. Triangle to the right: at least. Triangle to the left: open models lead.
figure-history_key = The value on a day is the mean over the 12 months before it. Band: { $level } measurement interval of the public frontier.
figure-history_key_now = The value on a day is the lag on that day. Band: { $level } measurement interval of the public frontier.
figure-history_since = The title counts from the month since which both ends of the interval are known.
figure-history_jump = Where “at least” gives way to a number, the value can jump for a while: lower bounds sort above all numbers, so just after the change the median is one of the largest numbers; the line has a gap there.
figure-priors_key = Dot: median. Line: { $level } measurement interval. The first line of each block is the default that the rest of this report uses; the study draws its own sample, so its numbers may differ a little from the headline.
figure-headway_key = A step down: an open-weight model matched a closed record. Circle: matched. Upright stroke: not yet matched. Dotted line: one half. Band: { $level } interval.
download-csv = CSV
download-json = JSON
download-svg = SVG
download-spec = Vega-Lite
download-for = { $format } of { $figure }

## Charts
chart-ability = Ability, points of the domain’s scale
chart-entered = Date of entry
chart-lag_now = lag today: { $amount }
chart-months = Lag, months
chart-months_behind = Months behind the closed frontier
chart-since_launch = Months since the closed model’s launch
chart-unmatched = Share of closed records not yet matched
chart-key_bound = at least
chart-key_open_leads = open models lead
chart-value_interval = { $amount } ({ $interval })
chart-name_value = { $name }: { $value }
point-ability = { $ability } points ({ $interval })
point-no_interval = { $ability } points, no interval computed
point-label = { $informative ->
    [no] { $name }. { $group }, entered { $entered }. Ability { $ability }. Too little data to define a frontier.
   *[yes] { $name }. { $group }, entered { $entered }. Ability { $ability }.
}
history-label = { $month }, { $frontier }: { $lag }
headway-label_open = { $name }, launched { $entered }: not yet matched after { $months } months
headway-label_matched = { $name }, launched { $entered }: matched after { $months } months by { $by }

## Column heads
column-domain = Domain
column-stage = Stage
column-definition = Definition
column-frontier = Compared with
column-evidence = Evidence
column-lag = Lag
column-headway = Headway
column-interval = { $level } interval
column-process = With the chance of releases
column-state = State
column-model = Model
column-lab = Developer
column-group = Group
column-entered = Entered
column-ability = Ability, points
column-scores = Scores
column-tier = Tier
column-date = Date
column-median = Median
column-months = Months
column-share_unmatched = Share unmatched
column-at_risk = At risk
column-matched_by = Matched by
column-probability = Probability of defining the frontier
column-source = Source
column-publisher = Publisher
column-licence = Licence
column-use = Use
column-rows = Rows
frontier-short-public = Public
frontier-short-restricted = With restricted
column-frontier_group = Frontier
column-held = Held the truth
column-verdict = Against the target
column-bias = Median bias
column-width = Median width
column-answers = Answers
column-refused = Refused
column-prior = Mean lag ({ $level } interval) with
column-models = Open / closed model
column-notes = Notes
column-basis = Models (developers)
row-models = Open / closed model: { $pair }
row-notes = Note: { $notes }
verdict-within = within the target
verdict-below = below: intervals too narrow
verdict-above = above: intervals too wide
bias-large = { $amount }, larger than allowed
not-yet-matched = not yet matched
tier-name = Tier { $tier }
tier-none = Too little data
tiers-note = Tier 1 is the strongest. The data cannot tell the models of a tier reliably from the strongest one in it, so the order inside a tier is alphabetical and means nothing. A new tier opens where the strongest model of the tier above is better with a probability of at least 95 %. Models with too little data stand in no tier.
tiers-top = Top tiers per domain. The complete tables are under the charts of section { $section }.
tiers-more = and { $count } more
table-of = { $figure }: { $title }
table-alone = Table: { $title }
table-models = All models of this chart, in tiers ({ $count })
table-frontier = Frontiers, step by step
table-history = Lag through time, month by month
table-headways = Closed records and their matches
table-survival = Survival curve
table-forest = Numbers of this chart
table-coverage = Coverage of the intervals, by definition
table-filter = Filter this table
table-filter_hint = name, developer, group
table-empty = No row: the data cannot carry this part yet.

## How far to trust the intervals
trust-coverage = { $worlds } invented worlds keep the gaps of the real data: who was tested on what, by whom and when. Abilities and scores are drawn anew, so that the true lag is known. Most worlds follow the model of this report. The others break it on purpose: heavy tails, progress in steps, developers who favour themselves, benchmarks that get easier with time. Each world is estimated exactly like the real data. The table counts how often the { $level } measurement interval held the true lag; the target is 85 % to 95 %.
trust-judged = Bias is the estimate minus the truth; it should stay below half a month or a fifth of the median width, whichever is larger. “Refused” means that the data could not carry a number. Answers from one world hang together, so the shares have no interval of their own: with { $worlds } worlds they may be off by up to about { $margin } percentage points. The wider interval with the chance of releases is not judged here, and no simulation sees an error that all real sources share.
trust-priors-title = What other priors would give
trust-priors = A prior says what counts as likely before any score is read. Here one part of it is changed at a time, and everything is estimated again.
trust-offsets = Leaving out the access-specific domain offsets moves { $domain } most: to { $without } instead of { $default }. Without these offsets, the deviations of all models in a domain are centred on zero, for open and closed models alike. Where scores are few, that shrinks exactly the difference in question towards that of the other domains, so the default keeps the offsets. Whoever holds that open models are equally far behind in every domain should read that line.
trust-index = Epoch AI’s capabilities index of September 2026 enters no fit. On the { $models } models from { $developers } developers in both, its order and the order of our general abilities have a rank correlation of { $value } ({ $level } interval { $interval }, from resampling developers). { $covered } of the index values lie inside our ability intervals when these are carried over by a straight line; the error of the index itself is not public and counts against us.
trust-index-limit = The index is made of benchmarks that are read here as well. Agreement therefore speaks for the method, not for the scores.
trust-none = Not computed for this data. The stored studies hold for one data release, date and method only, and numbers from others are never shown. To compute them, run “{ $command }”.
prior-default = Default
prior-parallel_trends = Open and closed trends parallel
prior-no_domain_offsets = No access-specific domain offsets
prior-trends_twice_as_free = Trends and offsets twice as free
prior-trends_half_as_free = Trends and offsets half as free
prior-scales_less_informed = Sizes of effects almost without prior
prior-knots_every_half_year = Trends may bend every half year

## Method
method-1-title = From scores to ability
method-1 = Models are seldom tested on the same benchmarks. A statistical model (item response theory) reads all published scores together: every benchmark has a difficulty, every model an ability in each domain. Harness, inference budget, evaluator and guessing enter as terms of their own. Each piece of evidence counts once: an average of benchmarks that are already in is left out.
method-2-title = What a point means
method-2 = { $domain }: { $anchors }. Ten points more multiply the odds of solving a typical task by { $odds }: a task solved half of the time is then solved { $share } of the time.
method-2-anchor = { $name } stands at { $points } by definition
method-3-title = From ability to months
method-3 = The open frontier is the best open-weight ability so far, the closed frontier the best closed one. The lag on a day is the time since the closed frontier first reached the level that the open frontier has on that day. It is computed for every draw of the abilities. A month is 30.4375 days.
method-4-title = Who may define a frontier
method-4 = A model defines a frontier in a domain only if its scores there narrow its ability to at most 0.7 of what was known before any score. All others are shown, faintly, and listed. Without this rule one poorly measured old model could move the lag by more than a year.
method-5-title = States
method-5 = Every lag has one of four states, and none is dropped.
method-6-title = Tiers
method-6 = In each domain, the model with the highest median ability opens tier 1. Going down by median, each model joins the tier unless the model that opened it has the higher ability in at least 95 % of the draws; then it opens the next tier. Draws are compared jointly, so that errors which both models share cancel. Two rules of reading follow: within a tier there is no reliable order, and a model that is measured poorly may stand a tier lower although it is not surely weaker than all models above it.
method-7-title = Rounding
method-7 = Numbers are rounded to what their interval supports. The files keep full precision.

## Sources, citation, provenance
licence-none_stated = none stated
licence-text_of_a_paper = text of a paper
licence-facts_of_a_public_body = facts of a public body
licence-facts = facts
licence-terms_of_the_original_not_read = terms of the original, not read
licence-terms_of_the_original_board_or_report = terms of the original board or report
licence-terms_restrict_republication = terms restrict republication
licence-microsoft_research_licence_terms = Microsoft research licence terms
decision-ship = rows shipped
decision-cite_facts = facts cited
decision-connector_only = not shipped, connector only
sources-note = Headway ships facts (names, dates, numbers, addresses), each row with its source. To see the row behind a number, run “headway data show ID”.
sources-shown = Each row keeps its own address; “headway data list” prints them all.
cite-text = Headway (data release { $data_release }, version { $version }): open-weight lag per domain as of { $as_of }.
cite-figure = Headway, data release { $data_release }, version { $version }, figure “{ $figure }”, as of { $as_of }.
cite-note = Please cite the sources of the figures that you use as well.
download-note = The complete content of this report is embedded in this file, with full precision.
download-all-json = Download everything (JSON)
download-lags-csv = Download all lags (CSV)
download-models-csv = Download all models (CSV)
download-script = Downloads need scripts to be allowed; the tables are readable without.
provenance-note = Two reports with equal provenance show equal numbers.
provenance-code = Code version
provenance-data = Data release
provenance-through = Data through
provenance-as_of = Reference date
provenance-rows = Hash of the rows used
provenance-seed = Seed
provenance-level = Interval level
provenance-options = Options
provenance-other = { $key }
footer = Headway measures. It does not say what to do.
