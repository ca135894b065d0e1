# Words of "headway lag --effects": what the kind of evidence does to scores and to the lag.

## Names of the effects
effects-name-inflation = Who told the score
effects-name-held_out = Public or held-out items
effects-name-freshness = Fresh or old benchmark
effects-name-saturation = Near the ceiling
effects-name-selection = Who gets evaluated
effects-name-distillation = Distillation
effects-name-tellings = Several tellings
effects-name-robustness = Agentic or question and answer
effects-name-reliability = Reliability
effects-name-dependence = Dependence on the developer
effects-basis-model = ability model
effects-basis-matched = matched
effects-basis-counted = counted
effects-class-open = open
effects-class-closed = closed
effects-group-all = all

## Measures (rows of the table and of the chart)
effects-measure-first_party = Developer's figure less independent
effects-measure-competitor = Rival's figure less independent
effects-measure-first_party_less_competitor = Developer's figure less rival's
effects-measure-first_party_open_less_closed = Developer's inflation, open less closed
effects-measure-lag_without_first_party = Lag without developers' figures
effects-measure-lag_without_parties = Lag without developers' and rivals' figures
effects-measure-public_less_held_out = Open less closed: public less held-out
effects-measure-gap_public = Open less closed on public items
effects-measure-gap_held_out = Open less closed on held-out items
effects-measure-per_year = Gain per year after a benchmark's release
effects-measure-per_year_open_less_closed = Gain per year after release, open less closed
effects-measure-information_near_ceiling = Information of a score above 90 %, against 30–70 %
effects-measure-evidence_from_saturated = Evidence from saturated benchmarks
effects-measure-lag_without_saturated = Lag without saturated benchmarks
effects-measure-odds_per_logit = Log odds of being evaluated, per logit of ability over difficulty
effects-measure-odds_per_logit_open_less_closed = Log odds per logit, open less closed
effects-measure-odds_open = Log odds of being evaluated, open less closed
effects-measure-odds_lab_size = Log odds of being evaluated, per log of the lab's models
effects-measure-control_function = Score per unit of the selection term
effects-measure-lag_with_selection = Lag with the selection term
effects-measure-held_out_less_public = Distilled models: held-out less public
effects-measure-lag_with_distilled = Lag with the distillation term
effects-measure-flag_stated = Models with a stated flag
effects-measure-flag_stated_last_18_months = Models of the last 18 months with a stated flag
effects-measure-sd_evaluator = Spread between evaluators
effects-measure-sd_scaffold = Spread between scaffolds of one evaluator
effects-measure-sd_harness = Spread within one evaluator and scaffold
effects-measure-sd_version = Spread between versions with the same tasks
effects-measure-sd_setup_model = Spread between set-ups in the ability model
effects-measure-sd_scaffold_model = Spread between scaffolds in the ability model
effects-measure-agentic_open_less_closed = Open less closed: agentic less question and answer
effects-measure-all_by_any = Solved in all of 3 attempts, of those solved in any
effects-measure-all_by_any_open_less_closed = Solved in all of 3, open less closed
effects-measure-between_attempts = Share of luck in one attempt
effects-measure-between_attempts_open_less_closed = Share of luck, open less closed
effects-measure-developer_alone = Known from the developer alone
effects-measure-developer_alone_mean = Known from the developer alone, mean
effects-measure-developer_or_rival = Known from the developer or a rival
effects-measure-developer_or_rival_mean = Known from the developer or a rival, mean

## Table
effects-column-effect = effect
effects-column-group = group
effects-column-basis = basis
effects-column-estimate = estimate
effects-column-other = matched, or counted
effects-column-months = months of lag
effects-column-n = n
effects-cell = { $amount } [{ $interval }]
effects-intervals = { $level } intervals in brackets. Points are at a score of 50 %.
effects-percent = { $value } [{ $low } to { $high }]
effects-domain-value = { $domain }: { $value }
effects-domain-classes = { $domain }: open { $open }, closed { $closed }
unit-log_odds = { $value } log odds
unit-ratio = { $value } times

## Findings, one sentence each
effects-say-inflation = Who told it: at a score of 50 %, a developer's own figure stands higher than an independent one by { $first }, a rival's figure by { $rival }; matched pairs of tellings give { $matched } for the developer.
effects-say-held_out = Public or held-out: open models look closer to closed ones on public items than on held-out ones by { $gap }; matched: { $matched }. Judged by held-out items the lag would be longer by: { $months }.
effects-say-held_out_example = Example: { $open } against { $closed } is { $public_open } to { $public_closed } on { $public } (public), but { $held_open } to { $held_closed } on { $held } (held out).
effects-say-freshness = Fresh or old: in each of the first two years after a benchmark's release scores gain, beyond ability, { $years }. Open less closed: { $classes }.
effects-say-saturation = Near the ceiling: a score above 90 % of the range tells { $ratio } as much as one between 30 and 70 %. Share of the evidence that comes from saturated benchmarks: { $shares }. Without them the lag moves by: { $months }.
effects-say-selection = Who gets evaluated: per logit of ability over difficulty the chance of being evaluated rises by { $open } for open and { $closed } for closed models; a selection term moves the lag by: { $months }.
effects-say-distillation = Distillation: from public to held-out items, models stated as distilled change by { $effect } more than models stated as not distilled. For the models that lead, hardly anything is stated: a flag exists for { $stated } of the open models of the last 18 months.
effects-say-tellings = Several tellings: one score scatters between evaluators by { $who } (sd), between scaffolds of one evaluator by { $scaffold }.
effects-say-tellings_example = Example: { $model } stands at { $low } and at { $high } on { $benchmark }.
effects-say-robustness = Agentic or question and answer: relative to question and answer, open models stand on agentic benchmarks, against closed ones, by: { $gaps }.
effects-say-reliability = Reliability: of the tasks solved in any of 3 attempts, open models solve { $open } in all 3, closed models { $closed }. Few publishers give attempts.
effects-say-dependence = Dependence: mean share of what is known about a frontier model that its developer alone told. { $shares }.
effects-say-dependence_alone = In at least one domain, everything known about these comes from their developer: { $models }.
effects-not_computed = The evidence effects are not computed for this data. Run: headway lag --effects --compute
warning-effects_not_computed = The evidence effects are not computed for this data and these options. Run: headway lag --effects --compute

## Errors
error-effects-option = { $option } has no meaning with --effects: months are those of the headline lag against the public frontier, and the kinds of evidence are what is compared.
error-effects-option-hint = Leave { $option } out.
error-effects-empty = There is nothing to draw: the evidence effects are not computed for this data.
error-effects-empty-hint = Run: headway lag --effects --compute

## Notes
note-few_pairs = too few pairs of tellings ({ $have } of { $need } needed)
note-few_labs = too few developers carry it ({ $have } of { $need } needed)
note-few_benchmarks = too few benchmarks ({ $have } of { $need } needed)
note-few_rows = too few scores ({ $have } of { $need } needed)
note-few_models = too few models ({ $have } of { $need } needed)
note-no_such_rows = no score of this kind
note-prior_only = the data hardly move what was assumed beforehand
note-not_identified = cannot be told apart from the models' and benchmarks' own levels
note-kinds_are_stages = kinds of task are stages here, so that a model’s strength in a stage passes for the kind
note-lag_without_number = the lag has no number in too many draws
note-difference_unpaired = the two fits share rows but not draws, so this interval is too wide
note-no_flagged_frontier = no frontier model of the last 18 months is stated as distilled
note-null_offset = the { $arg } logits that the method finds where there is nothing are taken off
note-none_of_rows = none of the scores: a count
note-all_of_rows = all of the scores: a count
note-scale_chi2 = limits of a sample standard deviation

## Charts
effects-chart-axis = points at a score of 50 %
effects-chart-gaps-axis = points at a score of 50 %
effects-chart-public = public items
effects-chart-held_out = held-out items
effects-chart-example = { $open } against { $closed }, points as told
effects-chart-dependence-axis = share of the evidence, %
