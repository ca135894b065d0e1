# headway data release.

release-progress = Publishing
release-cut = Release { $name } was cut: { $files } files, { $rows } rows. SHA-256 of release.json: { $fingerprint }
release-valid = Release { $name } is in order: { $files } files, { $rows } rows. SHA-256 of release.json: { $fingerprint }
release-invalid = Release { $name } is not what was cut. Problems: { $problems }.
release-changes = Since { $since }: { $added } rows added, { $removed } removed, { $changed } changed (CHANGELOG.md).
release-own = Results of your own are in it (rows: { $rows }); its name and all its metadata say so.
release-pushed = Published: { $url } (tag { $tag })

release-problem-missing = { $file } is missing.
release-problem-damaged = { $file } is not the file that was cut: SHA-256 { $found }… in place of { $stated }….
release-problem-unlisted = { $file } is not in release.json.
release-problem-manifest = { $file } cannot be read: { $why }.
release-problem-not_cut = { $file } lists tables only: this folder was not cut by "headway data release".
release-problem-unreadable = { $file } cannot be read as Parquet: { $why }.
release-problem-table = { $file }: { $text }
release-problem-rows = { $file } has { $found } rows in place of { $stated }.
release-problem-foreign_key = { $file }: { $text }
release-problem-licence = { $file } has { $rows } rows of { $source }, which may not be republished.
release-problem-own = { $file } has { $found } results of somebody's own; release.json says { $stated }.
release-problem-through = { $file } is known through { $found }; release.json says { $stated }.
release-problem-metadata = { $file } says something else about { $about } than the file itself.

warning-release_held_back = { $rows } rows are left out because their sources may not be republished: { $sources }.
warning-release_not_yet_known = { $rows } scores are left out because they were known later or on no known day.
warning-release_freed = { $rows } scores repeat a row that is left out. They stay marked as repeats, without naming it.

error-release-verify-alone = --verify cuts nothing, so it does not go with { $options }.
error-release-verify-alone-hint = Leave them out, or cut a new release without --verify.
error-release-url = "{ $url }" is not an address.
error-release-url-hint = Write it as https://example.org/data.
error-release-name = "{ $name }" cannot be the name of a release.
error-release-name-hint = Use up to 64 of a-z, 0-9, ".", "_" and "-", with a letter or digit at both ends; shipped, current and writing.lock are taken.
error-release-exists = A release { $name } exists already; nothing is ever written over.
error-release-exists-hint = Choose another --name or another folder with --out.
error-release-before = The release { $name } beside it cannot be read, so it is unknown what changed ({ $why }).
error-release-before-hint = Name a release to compare with by --since, or move that folder away.
error-release-nothing-known = No score is left whose day is known, so the release would have no last day.
error-release-nothing-known-hint = Choose a later --as-of.
error-release-not-valid = The release would not be valid; nothing was written. { $text }
error-release-not-valid-hint = Choose another release with --data-release; "headway doctor" checks the one in use.
error-release-offline = --push needs the network, which --offline refuses. Nothing was done.
error-release-offline-hint = Cut it with --offline now, and publish it later with --verify and --push.

error-hub-missing = Publishing on Hugging Face needs the package huggingface_hub. Nothing was done.
error-hub-missing-hint = pip install "headway[hub]"
error-hub-repository = "{ $repository }" is not a repository of the form ORG/NAME.
error-hub-repository-hint = For example: --push my-org/headway-data
error-hub-no-token = There is no Hugging Face token. Nothing was done.
error-hub-no-token-hint = Log in with "hf auth login", or set HF_TOKEN.
error-hub-tag = { $repository } has a release { $name } already (a tag of this name); it was left as it is.
error-hub-tag-hint = Cut the release again under another --name.
error-hub-refused = { $repository } refused the release ({ $why }). What was cut is complete on disk.
error-hub-refused-hint = Check that the token may write there, then: { $retry }
error-hub-failed = The release could not be sent to { $repository } ({ $why }). What was cut is complete on disk.
error-hub-failed-hint = Try again with: { $retry }
