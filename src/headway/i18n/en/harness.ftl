# Words of "headway lag --harness": scaffold and budget against weights.

## Sentences
harness-finding-share = { $domain }: of the spread of scores on one benchmark, scaffold, effort and set-up make up { $harness }, the weights { $weights }.
harness-finding-scaffold = { $domain }: the best of several scaffolds instead of the median one is worth { $months } months of frontier progress ({ $models } models run with several).
harness-finding-budget = Cyber: each doubling of the tokens that an agent may use is worth { $months } months, from runs cut at smaller budgets.
harness-shares-title = Shares of the spread of scores (logit scale, difficulty of benchmarks apart)
harness-months-title = Months of frontier progress
harness-splits-title = The interval of the mean lag, by cause (share of its variance)
harness-not_computed = The harness share is not computed for this data. Run: headway lag --harness --compute

## Parts and measures
harness-part-weights = weights
harness-part-profile = model x benchmark
harness-part-scaffold = scaffold
harness-part-effort = effort, budget
harness-part-setup = evaluator's set-up
harness-part-residual = rest
harness-measure-best_scaffold = Best scaffold over median
harness-measure-scaffold_sd = Spread of scaffolds (sd)
harness-measure-full_effort = Lowest to highest effort
harness-measure-thinking_doubling = Doubling of thinking tokens
harness-measure-budget_stated = Doubling of the token budget, stated
harness-measure-budget_cut = Doubling of the token budget, runs cut short
harness-split-items = items
harness-split-serving_stack = serving stack
harness-split-scaffold = scaffold
harness-split-evaluator = evaluator
harness-split-model = model
harness-split-release_process = releases
harness-column-part = part
harness-column-scores = scores

## Chart
harness-chart-axis = Months of progress of the public closed frontier
harness-chart-title = { $domain }: { $share } ({ $low } to { $high }) of the spread of scores is harness, not weights. What harness and budget are worth in months:
harness-chart-nothing = What harness and budget are worth in months

## Notes
note-too_few_matched = too few matched results
note-too_few_rows = too few scores with a named scaffold ({ $have } of { $need } needed)

## Warnings and errors
warning-harness_not_computed = The harness share is not computed for this data and these options. Run: headway lag --harness --compute
error-harness-empty = There is nothing to draw: the harness share is not computed for this data.
error-harness-empty-hint = Run: headway lag --harness --compute
