# Corrections, quarantine, conflicts.

error-rules-unreadable = { $file } cannot be read ({ $why }).
error-rules-unreadable-hint = Nothing was corrected or left out. docs/corrections.md describes the format.
error-rules-key-missing = { $file }, entry { $entry }: the key "{ $name }" is missing.
error-rules-key-missing-hint = Add it. docs/corrections.md lists the keys.
error-rules-key-unknown = { $file }, entry { $entry }: unknown key ({ $name }).
error-rules-key-unknown-hint = Correct the spelling or remove it: an unknown key would have no effect. docs/corrections.md lists the keys.
error-rules-value = { $file }, entry { $entry }: { $name } is "{ $found }"; expected: { $expected }.
error-rules-value-hint = Correct the value; until then nothing in the file is used.
error-rules-twice = { $file }: two entries have the same id ({ $entry }).
error-rules-twice-hint = Give each entry an id of its own.

rules-corrections-sum = { $count } corrections. The release holds the corrected value for { $holds }; { $pending } wait for the next release; { $other } differ from the release or have no row in it.
rules-quarantine-sum = { $rules } rules catch { $rows } scores; { $marked } scores are marked as quarantined. Rules without a row: { $idle }.
rules-quarantine-with = Answers leave these scores out. Add --quarantined include to get an answer with them.
rules-conflicts-sum = { $conflicts } scores were told more than once ({ $tellings } tellings). First difference: evaluator { $evaluator }, scaffold { $scaffold }, neither { $run }.
rules-conflicts-disagree = Beyond their errors: { $yes } disagree, { $no } do not, { $unknown } cannot be judged because errors are not stated.
rules-spread-between = { $first } against { $second }: sd of one telling { $sd } points [{ $sd_low }, { $sd_high }] without sampling error, { $raw } with it, mean difference { $mean } [{ $low }, { $high }] (scores: { $scores }, developers: { $labs }).
rules-spread-within = { $first } against { $second }: sd of one telling { $sd } points [{ $sd_low }, { $sd_high }] without sampling error, { $raw } with it (scores: { $scores }, developers: { $labs }).
rules-spread-few = { $first } against { $second }: not estimable (scores: { $scores }, developers: { $labs }).
rules-conflicts-method = Tellings are ranked, never averaged. Intervals are 90 %, developers resampled.

note-no_order = no order within one relationship
