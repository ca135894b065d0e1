# Words of "headway impact".

## Columns and units
impact-column-series = series
impact-column-unit = counts
impact-column-source = source
impact-column-since = from
impact-column-through = through
impact-column-total = total
impact-column-severity = severities
impact-column-start = from
impact-column-n = count
impact-column-days = days seen
impact-column-step = step
impact-column-interval = interval
impact-column-p = p
impact-column-holm = p (Holm)
impact-column-break = best break
impact-column-nobreak = no break
impact-column-detectable = detectable
impact-unit-identifier = identifiers
impact-unit-bug = bugs

## Series
impact-series-title = { $series }: { $unit }, { $source }, through { $through }
impact-partial = { $days } (not over)
impact-earlier = … and { $n } earlier periods (--json or --output for all)

## Study
impact-study-title = Event study, declared event of { $event }
impact-caveat-cause = A step at the event is not yet its effect: other tools, other firms and changed reporting move the same series, and several series broke before the event.
impact-caveat-unit = Counts are what was disclosed, not what exists or is exploited; counting bugs or identifiers can change the answer.
impact-says-change = { $series }: a change that placebos do not show ({ $step }), best dated to the month of the event.
impact-says-earlier = { $series }: a change that placebos do not show ({ $step } at the event), but best dated to { $best }, before the event.
impact-says-later = { $series }: a change that placebos do not show ({ $step } at the event), best dated to { $best }, after the event.
impact-says-none = { $series }: no change that can be told from chance ({ $step }); smaller than about { $detectable } would not have been seen.
impact-says-blind = { $series }: nothing can be told ({ $step }); no change, however large, would have stood out among its placebos.
impact-says-refused = { $series }: refused. { $why }
impact-study-legend = Step: count from the event on over the trend before it, with the { $level } interval from placebos. p: by placebos that repeat the whole search. Best break: month near the event where a break fits best. No break: probability that there was none in the whole series. Detectable: smallest step found with 80 % power at 5 %.

## Notes
note-too_few_after = Fewer than two months lie after the event.
note-too_few_before = There are too few months before the event for 20 placebos.
note-event_is_known_step = The event falls on a known step of the source; the two cannot be told apart.
note-diverged = The model of this series diverges: the counts come in batches that no mean describes.
note-placebos_diverged = More than a tenth of the placebo fits diverge, so nothing can be compared with them.
note-some_placebos_diverged = Some placebo fits diverged; they count as beyond the event, which can only raise p.
note-too_few_placebos_for_level = There are too few placebos (or too many diverged) for an interval of this level.
note-last_period_partial = The last month is not over and counts by the days that were seen.
note-partial_counted_whole = The last month is not over but was counted as whole, as asked for.
note-slope_not_estimable = Too few months lie after the event for a slope.

## Warnings
warning-impact_one_data = The facts of "impact" ship with Headway: --data-release, --own and --quarantined do not change them.
warning-impact_beyond = The reference date lies after the last day of the vulnerability data ({ $data_through }). Nothing later is known here.
warning-impact_pseudo_vintage = Counts as of { $as_of } leave later dates out, but rest on today's records: what was corrected since is in them.
warning-impact_partial = The last period of some series is not over; it is marked and is no full count.
warning-impact_late = Reports come late: the last weeks of every series will still grow a little.
warning-impact_p_floor = The smallest p that the placebos allow is { $floor }; over { $series } series Holm's p cannot fall below { $holm }.

## Errors
error-impact-severity = { $series }: its source does not use the severity "{ $value }". It uses: { $known }.
error-impact-severity-hint = See the severities in "headway impact series".
error-impact-nothing = { $series }: nothing to count between these days.
error-impact-nothing-hint = Widen --since, --until or --as-of; "headway impact series" shows the days covered.
error-impact-months-only = { $series }: its source counts months; there are no weeks.
error-impact-months-only-hint = Leave --by week out, or name series with single records.
error-impact-output = { $file } cannot be written: name at least one series, and a file that ends in .csv or .parquet.
error-impact-output-hint = headway impact series kev --output kev.csv
error-impact-no-series = --by, --severity and --since need at least one series.
error-impact-no-series-hint = "headway impact series" without options lists them.
error-impact-known-step = --known-step "{ $value }" is not of the form SERIES=YYYY-MM-DD with one of: { $allowed }.
error-impact-known-step-hint = headway impact study rustsec --known-step rustsec=2025-06-01

## Funnel
impact-column-stage = stage
impact-filter-all = all
impact-filter-high_critical = high/critical
impact-stage-candidates = candidates
impact-stage-reviewed = reviewed
impact-stage-true_positives = true positives
impact-stage-disclosed = disclosed
impact-stage-acknowledged = acknowledged
impact-stage-patched = patched
impact-stage-published = with CVE or GHSA
impact-funnel-caveat = Compare figures of one column only: between days the programme changed what it discloses (many reports since August 2026 are direct and untriaged).
impact-funnel-rating = High and critical are the finder's or the reviewers' ratings; maintainers rate lower.
impact-funnel-move = { $top } of { $below } ({ $severity }): { $before } on { $first }, { $after } on { $last }. The first count grew ×{ $up }, the second ×{ $down }.
impact-funnel-reported = Shares have no interval: both counts are totals that the programme or the press reported, not samples.
warning-impact_dashboard = The figures of 22 May 2026 are from the press, the later ones from two revisions of the programme's dashboard. No later ones are known here.
error-impact-no-figures = No figure of the disclosure programme is as old as { $as_of }.
error-impact-no-figures-hint = The first ones are of 22 May 2026.
