# Words of "headway lag --density", and what the answers on density, sauce and harness share.

## Sentences
density-finding = { $domain }: at equal ability, the parameters needed halve every { $halving } months by the surface through all models (the typical one), every { $smallest } months by the smallest tested model at fixed levels.
density-smallest = Smallest open model at or above { $anchor }: { $first } ({ $first_b } billion, { $first_at }), later { $last } ({ $last_b } billion, { $last_at }).
density-published = Published: the maximum density doubles every 3.3 to 3.5 months (2023 to April 2025, models up to about 80 billion). That rule, window and range of sizes on our general abilities: { $record } months.
density-consumer = Open models that one consumer GPU can hold (28, later 40 billion): { $lag } behind the closed frontier in general ability, mean of the 12 months up to { $at }. Published for August 2025: 6 to 12.
density-known = Of { $dated } dated open models with results, { $total } have a known total number of parameters and { $active } a known active one.
density-needs-title = Parameters that a fixed level needs today (billions, all parameters)
density-not_computed = The density is not computed for this data. Run: headway lag --density --compute

## Table
density-total = all
density-active = active
density-column-part = part
density-column-parameters = parameters
density-column-models = models
density-column-halving = halving, months [{ $level }]
density-column-at_size = at { $size } billion
density-column-record = records
density-column-smallest = smallest
density-column-level = level of
density-column-needed = billions [{ $level }]
density-column-smallest_model = smallest tested model there
density-column-remark = remark

## Chart
density-chart-axis = Parameters, billions
density-chart-title = { $domain }: the parameters that the typical model needs for the same ability halve every { $halving } months ({ $low } to { $high }; lines), those of the smallest tested model at fixed levels every { $smallest } (dashed).
density-chart-nothing = Parameters of open models over time

## Notes
unit-billion = { $value } billion
note-too_few_sized = too few models with a known size ({ $have } of { $need } needed)
note-too_few_labs = too few developers ({ $have } of { $need } needed)
note-sizes_too_alike = the sizes span less than a factor of ten
note-dates_too_alike = the dates span less than a year
note-outside_sizes = outside the sizes seen
note-no_models_near = no tested model of about that size and date
note-unbounded = no finite value

## Warnings and errors
warning-density_not_computed = The density is not computed for this data and these options. Run: headway lag --density --compute
error-density-empty = There is nothing to draw: no density is computed for this data.
error-density-empty-hint = Run: headway lag --density --compute
error-latent-option = { $option } has no meaning with { $command }.
error-latent-option-hint = Leave { $option } out.
error-latent-one-evidence = This question takes one kind of evidence, not { $given }.
error-latent-one-evidence-hint = Ask once for each kind.
