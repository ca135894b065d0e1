# 公開ソースの取得、zip、スナップショット、data sync と data status

error-fetch-offline = 取得にはネットワークが必要ですが、--offline が指定されているため接続しません。
error-fetch-offline-hint = ネットワークを使用できるときに、--offline を付けずに実行してください。
error-fetch-deadline = サーバーの応答が { $seconds } 秒以内に完了しませんでした。
error-fetch-deadline-hint = 時間をおいてから再実行してください。保存済みのデータは変わっていません。
error-fetch-slow = サーバーの送信が遅すぎるため、{ $seconds } 秒で打ち切りました。
error-fetch-slow-hint = 時間をおいてから再実行してください。保存済みのデータは変わっていません。
error-fetch-connection = 繰り返し試みましたが、完全な応答を得られませんでした({ $why })。
error-fetch-connection-hint = ネットワーク接続を確認し、時間をおいてから再実行してください。
error-fetch-certificate = サーバーの証明書を検証できないため、取得しませんでした。
error-fetch-certificate-hint = この機器の時刻と証明書を確認してください。どちらも正常であれば、ソース側の問題です。
error-fetch-protocol = 要求または応答が HTTP の規則に反しています({ $why })。
error-fetch-protocol-hint = ソースの URL が変わった可能性があります。Headway に報告してください。
error-fetch-redirects = リダイレクトが { $limit } 回を超えました。
error-fetch-redirects-hint = ソースの URL が変わった可能性があります。Headway に報告してください。
error-fetch-redirect-nowhere = 転送先の示されていないリダイレクトを受け取りました。
error-fetch-redirect-nowhere-hint = ソースの URL が変わった可能性があります。Headway に報告してください。
error-fetch-redirect-scheme = 転送先({ $scheme })には接続しません。
error-fetch-redirect-scheme-hint = 転送先として認めるのは http と https だけで、https から http への転送も認めません。Headway に報告してください。
error-fetch-refused = サーバーが要求を拒否しました(HTTP { $status })。再試行はしていません。
error-fetch-refused-hint = ソースが移転または閉鎖された可能性があります。Headway に報告してください。直前のスナップショットを引き続き使用します。
error-fetch-status = HTTP 200 のはずが、{ $status } が返されました。
error-fetch-status-hint = ソースが移転した可能性があります。Headway に報告してください。直前のスナップショットを引き続き使用します。
error-fetch-busy = 繰り返し試みましたが、サーバーは現在応答できません(HTTP { $status })。
error-fetch-busy-hint = 時間をおいてから再実行してください。保存済みのデータは変わっていません。
error-fetch-wait = サーバー(HTTP { $status })が { $seconds } 秒後の再接続を求めています。Headway が待つのは { $limit } 秒までです。
error-fetch-wait-hint = その時間が過ぎてから再実行してください。
error-fetch-media = コンテンツタイプは { $expected } のはずが、{ $found } でした。内容は保存していません。
error-fetch-media-hint = エラーページが表示されているか、ソースが移転した可能性があります。時間をおいて再実行し、直らなければ Headway に報告してください。
error-fetch-too-large = 本文が上限の { $limit } MiB を超えています。内容は保存していません。
error-fetch-too-large-hint = ソースが大きくなったか、別のものが応答しています。Headway に報告してください。
error-fetch-coding = 要求していない方式で本文が圧縮されています({ $found })。
error-fetch-coding-hint = Headway に報告してください。直前のスナップショットを引き続き使用します。
error-fetch-gzip = 圧縮された本文が途中で切れているか、壊れています。内容は保存していません。
error-fetch-gzip-hint = 時間をおいて再実行し、直らなければ Headway に報告してください。

error-zip-damaged = zip が途中で切れているか、壊れています({ $why })。
error-zip-damaged-hint = 取得し直してください。それでも直らなければ、ソース側の問題です。
error-zip-members = zip のメンバーが { $limit } 個を超えています。
error-zip-members-hint = 内容は一切読み込んでいません。ソースが本来その大きさであれば、Headway に報告してください。
error-zip-traversal = zip に、フォルダーの外を指す名前のメンバーがあります: { $member }。内容は一切読み込んでいません。
error-zip-traversal-hint = この zip をほかのツールで展開しないでください。Headway に報告してください。
error-zip-twice = zip に同じ名前のメンバーが二つあります: { $member }。内容は一切読み込んでいません。
error-zip-twice-hint = どちらが正しいのか判断できません。Headway に報告してください。
error-zip-no-member = zip にメンバー { $member } がありません。実際のメンバー: { $found }。
error-zip-no-member-hint = ソースの形式が変わりました。Headway に報告してください。直前のスナップショットを引き続き使用します。
error-zip-encrypted = zip のメンバー { $member } は暗号化されています。
error-zip-encrypted-hint = 暗号化されたメンバーは読み込みません。Headway に報告してください。
error-zip-method = zip のメンバー { $member } の圧縮方式(番号 { $method })は読み込めません。
error-zip-method-hint = 読み込めるのは無圧縮と deflate です。Headway に報告してください。
error-zip-too-large = メンバー { $member } を読むと、zip の上限 { $limit } MiB を超えます。
error-zip-too-large-hint = 内容は保存していません。ソースが本来その大きさであれば、Headway に報告してください。
error-zip-ratio = zip のメンバー { $member } は展開すると { $limit } 倍を超えて膨らみます。zip 爆弾の疑いがあります。
error-zip-ratio-hint = 内容は保存していません。Headway に報告してください。

error-unknown-source = 「{ $source }」というソースはありません。近いキー: { $close }。
error-unknown-source-hint = 「headway data status」ですべてのソースを確認できます。

error-parse-failed = 本文を解釈できませんでした({ $why })。
error-parse-failed-hint = 本文は保存しています。コネクターが想定していない内容です。Headway に報告してください。
error-snapshots-closed = スナップショットの台帳を開けません({ $why })。
error-snapshots-closed-hint = 「headway doctor」が示す利用者のデータのフォルダーに読み取り権限があるか確認してください。
error-snapshots-manifest = スナップショットの台帳の { $line } 行目が壊れています。
error-snapshots-manifest-hint = 何も書き込んでいません。「headway doctor」が示すフォルダーの snapshots/manifest.jsonl を復元するか、その行を取り除いてください。本文には影響しません。
error-snapshots-prefix = { $prefix } はハッシュの先頭部分ではありません。0-9 と a-f を 4 から 64 桁で指定します。
error-snapshots-prefix-hint = 「headway data status --json」でハッシュを確認できます。
error-snapshots-none = { $prefix } で始まるハッシュのスナップショットはありません。
error-snapshots-none-hint = 「headway data status --json」でハッシュを確認できます。
error-snapshots-several = { $prefix } で始まるハッシュのスナップショットが複数あります。
error-snapshots-several-hint = 桁数を増やして指定してください。
error-snapshots-body-gone = スナップショット { $sha256 } の本文がありません。
error-snapshots-body-gone-hint = 「headway data sync」を実行すると最新の本文を取得し直します。古い本文はバックアップからしか復元できません。
error-snapshots-body-damaged = スナップショット { $sha256 } の本文が壊れています(ハッシュが一致しません)。
error-snapshots-body-damaged-hint = 「headway data sync」を実行すると最新の本文を取得し直します。古い本文はバックアップからしか復元できません。
error-snapshots-busy = 別のプロセスが { $seconds } 秒以上スナップショットに書き込んでいます。
error-snapshots-busy-hint = そのプロセスが終わってから再実行してください。
error-snapshots-disk = スナップショットを書き込めません({ $why })。保存済みの内容は変わっていません。
error-snapshots-disk-hint = 「headway doctor」が示す利用者のデータのフォルダーの空き容量と書き込み権限を確認してください。

warning-sync_offline = --offline が指定されたため、何も取得していません。必要に応じて保存済みの本文を解釈し直しました。
warning-source_failures = { $source }/{ $resource }: { $present } 行のうち { $count } 行を読み取れませんでした。理由は「headway data status { $source } --json」で確認できます。
warning-source_drift = { $source }/{ $resource }: Headway の知らない項目があります: { $names }。
warning-source_old = { $source }: 最新のスナップショットは { $days } 日前のものです(ソースの更新頻度: { $cadence ->
    [daily] 毎日
    [weekly] 毎週
    [monthly] 毎月
   *[irregular] 不定期
  })。
warning-source_unread = { $source }: 保存済みの本文を、このバージョンではまだ解釈していません。「headway data status --reparse」で解釈できます。

sync-progress = ソース
sync-column-source = ソース
sync-column-resource = リソース
sync-column-outcome = 結果
sync-column-rows = 行
sync-column-failures = 読めない行
sync-column-drift = 形式の変化
sync-column-size = バイト
sync-column-sha256 = スナップショット
sync-outcome-new = 新規
sync-outcome-unchanged = 変更なし
sync-outcome-failed = 失敗
sync-outcome-offline = 未取得
sync-problem = { $source }/{ $resource }: { $text } [{ $code }]

status-progress = スナップショット
status-column-source = ソース
status-column-state = 状態
status-column-age = 経過日数
status-column-cadence = 更新頻度
status-column-rows = 行
status-column-failures = 読めない行
status-column-drift = 形式の変化
status-column-shape = 形式
status-column-licence = ライセンス
status-state-missing = 未取得
status-state-broken = 異常
status-state-unread = 未解釈
status-state-old = 古い
status-state-fresh = 正常
cadence-daily = 毎日
cadence-weekly = 毎週
cadence-monthly = 毎月
cadence-irregular = 不定期
cadence-frozen = 更新終了
