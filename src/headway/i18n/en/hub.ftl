# The Hub, prices of models, the log of failed fetches, and headway doctor --live.

error-hub-offline = HF_HUB_OFFLINE is set, so the Hugging Face Hub is not asked.
error-hub-offline-hint = Unset HF_HUB_OFFLINE when this machine may use the network.
error-doctor-live-offline = --live asks the sources over the network, and --offline refuses any network use.
error-doctor-live-offline-hint = Run "headway doctor" without --live, or without --offline when this machine may use the network.
error-doctor-live-needed = { $given } only has a meaning with --live.
error-doctor-live-needed-hint = headway doctor --live { $given }

warning-source_failing = { $source }/{ $resource }: { $count ->
    [one] the last fetch failed
   *[other] the last { $count } fetches failed
  } ({ $code }). "headway data status { $source } --json" says when and why.
warning-source_shorter = { $source }/{ $resource }: { $rows } rows; the body before had { $before }.
warning-live_not_logged = What was seen could not be written to the log of contacts, so no shape counts as verified by it.

quirk-huggingface-created = The day on which a repository was made is not always that of the release: it may have been private before, or made later. It is one claim among others and overwrites none.
quirk-huggingface-downloads = Downloads count files that were asked for, by people and machines alike: an upper proxy for use.
quirk-huggingface-parameters = Packed numbers (4 bits in a wider type) are counted as the wider type, so a total may be lower than the model's.
quirk-genai-prices-dates = Most prices have no first day: the list states what held when it was written down.
quirk-genai-prices-hosts = A host's price of an open-weight model is the host's, not its maker's.
quirk-genai-prices-services = Batch, priority and other services have prices of their own, kept apart.

status-column-failed = failed fetches
status-shape-declared = verified
status-shape-read-here = verified here
status-shape-unverified = unverified

live-column-source = source
live-column-resource = resource
live-column-outcome = outcome
live-column-status = HTTP
live-column-latency = seconds
live-column-rows = rows
live-column-failures = unread rows
live-column-drift = drift
live-outcome-read = read
live-outcome-unchanged = unchanged
live-outcome-not-read = there, not read
live-outcome-changed = CHANGED
live-outcome-refused = REFUSED
live-outcome-unreachable = NOT REACHED
live-verified = Shape verified by a body that was read just now: { $names }.
live-unverified = Shape still unverified: { $names }. "--full" also reads large bodies.

error-price-events = The shipped table of price events breaks its schema: { $why }
error-price-events-hint = Install Headway again. If the message stays, report it.
warning-prices_none = No source states a price of { $model }: unknown, not free.
prices-column-provider = provider
prices-column-kind = paid for
prices-column-price = USD per million tokens
prices-column-service = service
prices-column-from = from
prices-column-to = until before
prices-column-seen = seen
prices-column-holds = holds
prices-column-source = source
prices-holds-yes = yes
prices-holds-unknown = unknown

warning-prices_older = { $count ->
    [one] A newer stored list of prices cannot be read
   *[other] { $count } newer stored lists of prices cannot be read
  }; used: { $list }. "headway data status genai-prices --json" says why.
warning-prices_unread = { $count ->
    [one] One price
   *[other] { $count } prices
  } of { $list } could not be read.
warning-repositories_older = { $count ->
    [one] A newer stored body of the Hub cannot be read; an older one is used.
   *[other] { $count } newer stored bodies of the Hub cannot be read; an older one is used.
  } "headway data status huggingface --json" says why.

sync-outcome-needs-extra = needs an extra
live-outcome-needs-extra = needs an extra
