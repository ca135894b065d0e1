# Claims about the lag as tests: claims, verdicts, robustness, countries.
# Fields arrive formatted for the language.

## Claims
claim-lag_6_9 = The lag is 6 to 9 months
claim-lag_6_18 = The lag is 6 to 18 months
claim-cyber_above_coding = Cyber lags more than coding
claim-cyber_above_general = Cyber lags more than general ability
claim-static = The lag does not change
claim-widening = The lag is growing

## Verdicts on a claim
claimed-supported = supported
claimed-contradicted = contradicted
claimed-undecided = undecided

## The one-screen answer
lagtest-verdict = { $claim }? { $answers }.
lagtest-answer = { $part }: { $verdict } ({ $probability })
lagtest-common = { $claim }, models in both
lagtest-between = { $low } to { $high }
lagtest-at_most = at most { $amount }
lagtest-column-claim = Claim
lagtest-column-part = Part
lagtest-column-estimate = Estimate ({ $level } interval)
lagtest-column-probability = Probability
lagtest-column-verdict = Verdict
lagtest-column-refits = Over the refits
lagtest-column-stage = Stage of cyber, probability
lagtest-column-contrast = Months behind (models behind / ahead)
lagtest-short-lag_mean_12m = Mean lag
lagtest-short-lag_now = Today
lagtest-short-lag_at_record = At record
lagtest-short-headway_months = Headway
lagtest-range = { $low } to { $high }, verdict differs in { $flips } of { $refits }
lagtest-rule = Definition: { $definition }; intervals and probabilities include the chance of releases. A claim is supported above 95 % and contradicted below 5 %; of “the lag does not change” the percentage is the chance, were it true, of a slope at least so large, and it is supported only if the lag moves by less than 2 months a year with 95 %.
lagtest-refits = Robustness, { $count } refits, each with one thing left out or chosen otherwise:
lagtest-influence = { $claim }, { $part } ({ $base }): moved most by { $most }.
lagtest-moved = { $what } ({ $probability })
lagtest-no_refits = Robustness: not computed for these data and options. To compute: { $command }
lagtest-countries = Countries, mean lag of one group behind another over the last 12 months:
lagtest-confounded = In cyber the open frontier is Chinese ({ $open }) and the closed one American ({ $closed }). Which country's models lag can be compared within open and within closed models; what openness costs can be compared within a country. But the second rests on { $models } Chinese closed models with enough data, and on American open models far from the frontier. Whether today's open frontier lags because it is open or because it is Chinese cannot be separated without open models from the leading American developers, or closed ones from the leading Chinese.
lagtest-contrast = { $lag } ({ $behind } / { $ahead })
lagtest-sizes = In simulated worlds in which the claim is false (nominal error 5 %): { $sizes }.
lagtest-size = “{ $claim }” decided wrongly in { $size } of { $worlds }
contrast-china_open_us_closed = Chinese open behind American closed
contrast-us_open_us_closed = American open behind American closed
contrast-china_open_china_closed = Chinese open behind Chinese closed
contrast-china_closed_us_closed = Chinese closed behind American closed
contrast-us_open_china_open = American open behind Chinese open
leftout-lab = without the developer { $name }
leftout-benchmark = without the benchmark { $name }
leftout-evaluator = without the evaluator { $name }
leftout-scaffold = without the scaffold { $name }
leftout-country = without models from { $name }
leftout-evidence = other evidence: { $name }
leftout-access = other access rows: { $name }
leftout-prior = other prior: { $name }
leftout-stated = stated access only
leftout-no_named_scaffold = without all named scaffolds
leftout-only_commonest_scaffold = with the commonest named scaffold only

## Units, notes, errors
unit-months_per_year = { $value } { $count ->
    [one] month per year
   *[other] months per year
}
unit-probability = { $value }
note-slope_window_short = the frontiers cover only { $have } months, { $need } are needed for a slope
note-no_draws = no draw gave a value
note-left_open = more than half of the draws leave it open
note-left_open_by_bounds = bounds leave { $share } of the probability open
note-upper_limit = known only as an upper limit
note-p_lower_limit = share of draws in which only a lower limit is known: { $share }
note-p_upper_limit = share of draws in which only an upper limit is known: { $share }
error-refits-options = --compute runs the refits of the default options only: the public frontier, all evidence, all access rows, the data's own last day.
error-refits-options-hint = Leave out --frontier, --evidence, --access-basis and --as-of, or leave out --compute.

## Figure
chart-probability_of_claim = Probability of the claim
chart-key_claim = With the chance of releases
chart-key_draws = Measurement alone
chart-key_refits = One refit each, something left out
chart-claim_label = { $claim }, { $part }: { $probability }, { $verdict }
finding-claims = Supported: { $supported }. Contradicted: { $contradicted }. Undecided: { $undecided }.
