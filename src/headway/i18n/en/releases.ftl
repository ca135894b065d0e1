# Data releases: choosing, pinning, pointing.
data-in-use = Answers come from the data release { $name } from now on ({ $release }, through { $day }; { $folder }).
error-no-such-release = No data release is called "{ $name }". Close names: { $close }.
error-no-such-release-hint = "headway data list releases" shows them; a folder needs a release.json.
error-release-not-stored = "{ $name }" is not a release of your data folder. There: { $known }.
error-release-not-stored-hint = "headway data list releases" shows them. For a folder elsewhere use --data-release FOLDER.
error-release-current = The data folder points to a release that cannot be used: { $name } ({ $why }).
error-release-current-hint = Run "headway data use shipped", or put the release back.
error-release-pointer = The release in use cannot be changed ({ $why }).
error-release-pointer-hint = Check that your data folder can be written ("headway doctor" names it).

# The update of the release at the end of a sync.
update-made = Data release { $name } is in use now, made from { $before }: { $new } new scores, { $revised } revised, { $repeat } told before by others.
update-same = Data release { $name } stays: the { $known } scores of the sources that it uses stand there as stated.
update-nothing = Data release { $name } stays: no source with scores has been fetched and read yet.
update-models = New models ({ $count }): { $names }
update-lost = Not used: { $models } scores of models that nobody registered, { $tests } of tests that the release does not know, { $impossible } impossible. The file changes.csv of an updated release has each with the reason.
update-breaches = Corrections that no longer fit what their source says, and were not used: { $names }. See headway data list corrections, and report it to Headway.
update-diff = What moves because of it: headway data diff { $before }
update-failed = The release { $name } stays in use; the sources' scores could not be merged: { $text }
error-release-write = A data release cannot be written ({ $why }).
error-release-write-hint = Check space and permissions of your data folder ("headway doctor" names it). The release in use stays.
error-releases-busy = Another process has been writing a data release for more than { $seconds } seconds.
error-releases-busy-hint = Try again when it has finished.
harmonise-unlisted = The release knows no such test ({ $value }).
harmonise-left-out = { $value }
harmonise-no-benchmark = The release in use has no benchmark { $value }.
harmonise-no-model = No source tells which model { $value } is.
harmonise-no-source = The release in use has no source { $value }.
harmonise-no-items = A count without the number of items ({ $value }).
harmonise-not-finite = Not a finite number ({ $value }).
harmonise-outside = Outside the range of the test ({ $value }).
harmonise-no-date = Not a date ({ $value }).
harmonise-future = A day that has not come yet ({ $value }).
