# Words of the lag: domains, stages, definitions, states, notes, warnings, caveats.
# Fields arrive formatted for the language; $count is "one" or "other".

## Units and numbers
unit-months = { $value } { $count ->
    [one] month
   *[other] months
}
unit-points = { $value } { $count ->
    [one] point
   *[other] points
}
unit-proportion = { $value }
interval-both = { $low } to { $high }
interval-no_high = { $low } or more
interval-open_low = from “open models lead” to { $high }
interval-open_low_no_high = from “open models lead” with no upper limit known
interval-up_to = up to { $high }
interval-all_open = open models lead throughout
list-separator = {"; "}
unknown = unknown
none = none

## Domains and stages
domain-cyber = Cyber
domain-coding = Coding
domain-general = General
stage-all = All stages
stage-find_reproduce = Find and reproduce vulnerabilities
stage-exploit = Exploit development
stage-range = Multi-step network ranges
stage-ctf_mixed = Capture-the-flag, mixed
stage-command_line = Command-line work
stage-knowledge = Security knowledge
stage-defensive = Defensive tasks

## Definitions
definition-lag_mean_12m = Mean lag, last 12 months
definition-lag_now = Lag today
definition-lag_at_record = Lag at the latest open record
definition-headway_months = Headway (median)
definition-lag_trend = Distance between trend lines
definition-gap = Ability gap today
about-lag_mean_12m = The lag averaged over every day of the last 12 months. The headline of this report: it does not jump on the day a single model appears.
about-lag_now = How long ago closed models first reached what the best open-weight model reaches on the reference date. It grows by a day each day until the next open record.
about-lag_at_record = The same, measured on the day the best open-weight model last improved. Published figures often mean this one, which leaves out the waiting time since then.
about-headway_months = The forward view: the time from a closed record until the first open-weight model that matches it. Records that are not yet matched count as waiting, so the median can be a lower bound.
about-lag_trend = The horizontal distance between trends through both frontiers' records, with bends where the records show them. It changes if the ability scale is stretched, so read it as a check only.
about-gap = The difference in ability at the reference date, in points of the scale. It is not a time, and it changes if the scale is stretched.

## Frontiers, groups, evidence
frontier-public = Public closed frontier
frontier-restricted = Closed frontier with restricted models
group-open_weight = Open weights
group-closed_public = Closed, public
group-closed_restricted = Closed, restricted access
group-closed_any = Closed, with restricted access
group-unknown = Access unknown
evidence-all = All evidence
evidence-independent = Independent evaluators only
evidence-held_out = Held-out benchmarks only
evidence-first_party = Reported by the developer only
about-evidence-all = Every usable score, each counted once, with terms for who measured it and how.
about-evidence-independent = Scores measured by third parties, academic groups or governments; none by the developer or a rival.
about-evidence-held_out = Benchmarks whose tasks are not public, so that they can hardly have been trained on.
about-evidence-first_party = Scores that developers report about their own models.

## States
state-estimated = estimated
state-open_leads = open models lead
state-censored = at least
state-at_least = at least { $amount }
state-not_estimable = not estimable
about-state-estimated = The data carry a number and an interval.
about-state-open_leads = No closed model in the data had reached this level by that day.
about-state-censored = A lower bound: the first closed model in the data already matches, or the wait is not over.
about-state-not_estimable = The data cannot carry a number. The report says what is missing.
quantity-interval = { $amount } ({ $level } interval { $interval })
quantity-reason = { $amount }: { $reason }
quantity-zero = { $amount }: { $why }

## Notes on a quantity ($arg is what follows the colon; $have < $need where it has that form)
note-unlisted = note “{ $arg }”
note-no_interval = no interval was computed
note-history_gap = too few comparable models on that date
note-too_few_open = too few open-weight models with enough data ({ $have } of { $need } needed)
note-too_few_closed = too few closed models with enough data ({ $have } of { $need } needed)
note-no_scores = no score in this part
note-few_bridges = too few benchmarks hold both open and closed models ({ $have } of { $need } needed)
note-no_open_models = no open-weight model with scores here
note-no_closed_models = no closed model with scores here
note-no_informative_open_models = no open-weight model is measured well enough here
note-no_informative_closed_models = no closed model is measured well enough here
note-no_informative_models = no model is measured well enough here
note-p_censored = probability that only a lower bound is known: { $share }
note-open_leads_days = open models lead on { $share } of the days; those count as 0
note-zero_open_leads_days = open models lead on { $share } of the days
note-score_moved = with the score moved up / down by the reading error: { $arg } months
note-window_partial = the frontiers cover only { $arg } of the 12 months
note-window_not_covered = the frontiers cover only { $arg } of the 12 months, too few for a mean
note-before_first_closed = on that day the data held no closed model yet
note-draws_failed = { $share } of the draws gave no value
note-not_invariant_to_rescaling = changes if the ability scale is stretched
note-process_one_lab_open = all open-weight models come from one developer, so the chance of releases is understated
note-process_one_lab_closed = all closed models come from one developer, so the chance of releases is understated
note-too_few_open_records = too few open-weight records for a trend ({ $have } of { $need } needed)
note-too_few_closed_records = too few closed records for a trend ({ $have } of { $need } needed)
note-too_few_record_setters = too few closed records ({ $have } of { $need } needed)
note-record_setters = closed records: { $arg }
note-open_release_clusters = open releases that matched them: { $arg }
note-after_as_of = rows later than the reference date, left out: { $arg }
note-index_no_uncertainty = the index comes without standard errors, so no interval can be given
note-p_open_leads = probability that open models lead: { $share }

## Warnings that depend on the data
warning-pseudo_vintage = { $share } of the scores carry no date of their own. They count from the day when both model and benchmark were out, so the history may look better informed than it was.
warning-beyond_data = The reference date lies after the last score in the data ({ $data_through }). Nothing later is known here.
warning-inferred_access = For { $count } models the access class was inferred from the family name, not stated by a source.
warning-undated_models = { $count } models have no known release date. They appear in the tables but define no frontier.
warning-not_converged = The fit of { $domain } stopped before it met its tolerance; its intervals may be too narrow.
warning-first_party_share = { $share } of the scores in { $domain } were reported by the developer of the model.
warning-not_estimable = { $domain }: the lag cannot be estimated from the data at hand.

## Standing caveats, most important first
caveat-scores_not_ability = Scores are not ability. Benchmarks leak into training data, harnesses and inference budgets differ, and developers choose what to publish. The model corrects for what is recorded; the rest stays in the numbers.
caveat-public_record = Only the public record counts. Models that nobody has published results for do not appear, and the closed frontier may stand higher than any published score shows.
caveat-selection = Strong models are tested on hard benchmarks more often than weak ones. Missing scores are not missing at random, and this can shift the lag.
caveat-past = A lag describes the past. It is not constant, and it does not say when the next closed model will be matched.
caveat-few_models = Each frontier rests on a few models from a few developers. One new release, or one corrected score, can move a number by months. The section on drivers names these models.
caveat-access_dates = Open-weight models count from the day their weights can be downloaded, closed models from their first use outside the developer. Announcements do not count.
caveat-restricted = The headline compares with closed models open to the public. Restricted models form a second frontier, shown beside it.
caveat-coverage = The intervals cover measurement error and the chance of releases. They do not cover errors that all sources share.
caveat-narrow = Matching on these benchmarks does not mean equal usefulness in practice. Cost, speed and the tools around a model are outside this report.
caveat-no_safety = Nothing here says whether releasing a model is advisable. The report measures time, not harm.
