# Words of "headway lag --sauce": cyber ability beyond coding and general ability.

## Sentences
sauce-finding-share = { $group } models of one date: coding and general ability explain { $both } of the differences in cyber ability, coding alone { $coding }. With every domain fitted apart: { $separate }.
sauce-finding-lead = { $model } stood { $lead } months ahead of the closed frontier's trend in cyber at its launch (probability of more than 3 months: { $share }). Beyond what its coding and general ability let one expect: { $residual } months.
sauce-finding-stages = { $model } by part of cyber: { $parts }.
sauce-finding-stage = { $stage } { $lead }, { $verdict } (own scores there: { $scores })
sauce-finding-published = Published lead of { $model }: { $value } [{ $low } to { $high }] months. The same rule on our cyber ability: { $ours }.
sauce-models-title = Models that set a record of their class since 2025, latest first (months)
sauce-not_computed = Special sauce is not computed for this data. Run: headway lag --sauce --compute

## Words
sauce-class-closed = Closed
sauce-class-open = Open-weight
sauce-verdict-jump = a jump
sauce-verdict-ahead = ahead
sauce-verdict-undecided = undecided
sauce-verdict-behind = behind
sauce-verdict-not_estimable = not estimable

## Tables
sauce-column-part = part of cyber
sauce-column-class = class
sauce-column-models = models
sauce-column-both = explained by both [{ $level }]
sauce-column-coding = by coding
sauce-column-general = by general
sauce-column-slope_coding = slope, coding
sauce-column-slope_general = slope, general
sauce-column-sd = sd of the rest, logits
sauce-column-model = model
sauce-column-entered = launched
sauce-column-lead = ahead of the closed trend [{ $level }]
sauce-column-verdict = verdict
sauce-column-residual = beyond coding and general
sauce-column-remark = remark

## Chart
sauce-chart-axis = Months ahead of the closed frontier's trend at launch
sauce-chart-leads = Closed models that set a record in cyber
sauce-chart-stages = { $model } by part of cyber
sauce-chart-title = { $model } stood furthest ahead of the cyber trend at its launch: by { $lead } months. Every interval is wide.
sauce-chart-nothing = No lead over the trend can be estimated

## Notes
note-too_few_measured = too few models with scores in cyber and in coding or general ({ $have } of { $need } needed)
note-no_coding_scores = no coding scores
note-no_general_scores = no general scores

## Warnings and errors
warning-sauce_not_computed = Special sauce is not computed for this data and these options. Run: headway lag --sauce --compute
error-sauce-empty = There is nothing to draw: special sauce is not computed for this data.
error-sauce-empty-hint = Run: headway lag --sauce --compute
