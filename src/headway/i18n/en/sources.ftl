# Fetching public sources, zips, snapshots, and the commands data sync and data status.

error-fetch-offline = Fetching needs the network, and --offline refuses any network use.
error-fetch-offline-hint = Run the command without --offline when this machine may use the network.
error-fetch-deadline = The server did not finish its answer within { $seconds } seconds.
error-fetch-deadline-hint = Try again later. Nothing that was stored before has changed.
error-fetch-slow = The server sends too slowly; given up after { $seconds } seconds.
error-fetch-slow-hint = Try again later. Nothing that was stored before has changed.
error-fetch-connection = No complete answer came, after several attempts ({ $why }).
error-fetch-connection-hint = Check the network connection and try again later.
error-fetch-certificate = The server's certificate cannot be verified, so nothing was fetched.
error-fetch-certificate-hint = Check this machine's clock and certificates. If both are in order, the source itself has a problem.
error-fetch-protocol = The request or the answer breaks the rules of HTTP ({ $why }).
error-fetch-protocol-hint = Report it to Headway: the address of the source may have changed.
error-fetch-redirects = The server redirected more than { $limit } times.
error-fetch-redirects-hint = Report it to Headway: the address of the source may have changed.
error-fetch-redirect-nowhere = The server redirected without saying where to.
error-fetch-redirect-nowhere-hint = Report it to Headway: the address of the source may have changed.
error-fetch-redirect-scheme = The server redirected to an address that is not followed ({ $scheme }).
error-fetch-redirect-scheme-hint = Only http and https are followed, and never from https to http. Report it to Headway.
error-fetch-refused = The server refused the request (HTTP { $status }). It was not asked again.
error-fetch-refused-hint = The source may have moved or been closed. Report it to Headway; the last snapshot stays in use.
error-fetch-status = Expected HTTP 200, got { $status }.
error-fetch-status-hint = The source may have moved. Report it to Headway; the last snapshot stays in use.
error-fetch-busy = The server cannot answer at present (HTTP { $status }), after several attempts.
error-fetch-busy-hint = Try again later. Nothing that was stored before has changed.
error-fetch-wait = The server (HTTP { $status }) asks to come back in { $seconds } seconds; Headway waits at most { $limit }.
error-fetch-wait-hint = Run the command again after that time.
error-fetch-media = Expected the content type { $expected }, got { $found }. Nothing of it was kept.
error-fetch-media-hint = The source may show an error page or may have moved. Try again later, then report it to Headway.
error-fetch-too-large = The body is larger than the limit of { $limit } MiB. Nothing of it was kept.
error-fetch-too-large-hint = Report it to Headway: either the source has grown, or something else answers at its address.
error-fetch-coding = The body is compressed in a way that was not asked for ({ $found }).
error-fetch-coding-hint = Report it to Headway; the last snapshot stays in use.
error-fetch-gzip = The compressed body is truncated or damaged. Nothing of it was kept.
error-fetch-gzip-hint = Try again later, then report it to Headway.

error-zip-damaged = The zip is truncated or damaged ({ $why }).
error-zip-damaged-hint = Fetch it again. If it stays so, the source itself has a problem.
error-zip-members = The zip has more than { $limit } members.
error-zip-members-hint = Nothing of it was read. Report it to Headway if the source is meant to be that large.
error-zip-traversal = The zip has a member whose name leaves its folder: { $member }. Nothing of it was read.
error-zip-traversal-hint = Do not unpack this zip with other tools. Report it to Headway.
error-zip-twice = The zip has two members of the same name: { $member }. Nothing of it was read.
error-zip-twice-hint = Report it to Headway: it is not clear which of them is meant.
error-zip-no-member = The zip has no member { $member }. Found: { $found }.
error-zip-no-member-hint = The source changed its shape. Report it to Headway; the last snapshot stays in use.
error-zip-encrypted = The member { $member } of the zip is encrypted.
error-zip-encrypted-hint = Headway reads no encrypted members. Report it to Headway.
error-zip-method = The member { $member } of the zip is compressed by a method that is not read (number { $method }).
error-zip-method-hint = Stored and deflated members are read. Report it to Headway.
error-zip-too-large = The member { $member } takes the zip past the limit of { $limit } MiB.
error-zip-too-large-hint = Nothing of it was kept. Report it to Headway if the source is meant to be that large.
error-zip-ratio = The member { $member } of the zip grows more than { $limit } times when decompressed, as a zip bomb does.
error-zip-ratio-hint = Nothing of it was kept. Report it to Headway.

error-unknown-source = There is no source "{ $source }". Close keys: { $close }.
error-unknown-source-hint = "headway data status" lists all sources.

error-parse-failed = The body could not be read ({ $why }).
error-parse-failed-hint = The body is kept. Report it to Headway: the connector met something that it does not know.
error-snapshots-closed = The manifest of the snapshots cannot be opened ({ $why }).
error-snapshots-closed-hint = Check that you may read the folder that "headway doctor" names as your own data.
error-snapshots-manifest = Line { $line } of the manifest of the snapshots is damaged.
error-snapshots-manifest-hint = Nothing was written. Restore snapshots/manifest.jsonl in the folder that "headway doctor" names, or remove that line; the bodies are not affected.
error-snapshots-prefix = { $prefix } is not the start of a hash: 4 to 64 digits of 0-9 and a-f are needed.
error-snapshots-prefix-hint = "headway data status --json" lists the hashes.
error-snapshots-none = No snapshot has a hash that starts with { $prefix }.
error-snapshots-none-hint = "headway data status --json" lists the hashes.
error-snapshots-several = More than one snapshot has a hash that starts with { $prefix }.
error-snapshots-several-hint = Give more digits.
error-snapshots-body-gone = The body of the snapshot { $sha256 } is not there.
error-snapshots-body-gone-hint = Run "headway data sync": a current body is fetched again. An older one can only come from a backup.
error-snapshots-body-damaged = The body of the snapshot { $sha256 } is damaged: its bytes have another hash.
error-snapshots-body-damaged-hint = Run "headway data sync": a current body is fetched again. An older one can only come from a backup.
error-snapshots-busy = Another process has been writing snapshots for { $seconds } seconds.
error-snapshots-busy-hint = Try again when it has finished.
error-snapshots-disk = The snapshots cannot be written ({ $why }). The store is as before.
error-snapshots-disk-hint = Make room or allow writing in the folder that "headway doctor" names as your own data.

warning-sync_offline = --offline: nothing was fetched. What is stored was read again where needed.
warning-source_failures = { $source }/{ $resource }: { $count } of { $present } rows could not be read. "headway data status { $source } --json" says why.
warning-source_drift = { $source }/{ $resource }: fields that Headway does not know: { $names }.
warning-source_old = { $source }: the newest snapshot is { $days } days old; the source changes { $cadence ->
    [daily] daily
    [weekly] weekly
    [monthly] monthly
   *[irregular] at irregular times
  }.
warning-source_unread = { $source }: stored bodies were not read yet by this version. "headway data status --reparse" reads them.

sync-progress = Sources
sync-column-source = source
sync-column-resource = resource
sync-column-outcome = outcome
sync-column-rows = rows
sync-column-failures = unread rows
sync-column-drift = drift
sync-column-size = bytes
sync-column-sha256 = snapshot
sync-outcome-new = new
sync-outcome-unchanged = unchanged
sync-outcome-failed = FAILED
sync-outcome-offline = not fetched
sync-problem = { $source }/{ $resource }: { $text } [{ $code }]

status-progress = Snapshots
status-column-source = source
status-column-state = state
status-column-age = age (days)
status-column-cadence = changes
status-column-rows = rows
status-column-failures = unread rows
status-column-drift = drift
status-column-shape = shape
status-column-licence = licence
status-state-missing = not fetched
status-state-broken = BROKEN
status-state-unread = not read
status-state-old = old
status-state-fresh = ok
cadence-daily = daily
cadence-weekly = weekly
cadence-monthly = monthly
cadence-irregular = irregularly
cadence-frozen = no longer
