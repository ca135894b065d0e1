# Hugging Face Hub、モデルの価格、失敗した取得の記録、headway doctor --live。

error-hub-offline = HF_HUB_OFFLINE が設定されているため、Hugging Face Hub には問い合わせません。
error-hub-offline-hint = この端末でネットワークを使ってよい場合は、HF_HUB_OFFLINE の設定を外してください。
error-doctor-live-offline = --live はネットワーク経由で各ソースに問い合わせますが、--offline はネットワークの使用を一切認めません。
error-doctor-live-offline-hint = --live を付けずに「headway doctor」を実行するか、ネットワークを使ってよい端末で --offline を外してください。
error-doctor-live-needed = { $given } は --live と併せて指定した場合にのみ意味を持ちます。
error-doctor-live-needed-hint = headway doctor --live { $given }

warning-source_failing = { $source }/{ $resource }: 直近 { $count } 回の取得に失敗しています({ $code })。日時と理由は「headway data status { $source } --json」で確認できます。
warning-source_shorter = { $source }/{ $resource }: { $rows } 行です。一つ前の本文は { $before } 行でした。
warning-live_not_logged = 確認した内容を記録に書き込めませんでした。そのため、今回の結果で形式が確認済みになることはありません。

quirk-huggingface-created = リポジトリの作成日が公開日と一致するとは限りません。先に非公開で作られた場合も、後から作られた場合もあります。数ある情報の一つとして扱い、他の日付を上書きしません。
quirk-huggingface-downloads = ダウンロード数は、人と機械を区別せず要求されたファイルを数えたものです。実際の利用の上限の目安にとどまります。
quirk-huggingface-parameters = 4 ビットの値をより広い型に詰めたものは、広い型の個数で数えられます。そのため、合計がモデルのパラメーター数より少ないことがあります。
quirk-genai-prices-dates = 多くの価格には開始日がありません。一覧は、記録された時点の価格を示しています。
quirk-genai-prices-hosts = オープンウェイトモデルの価格は提供事業者が定めたもので、開発元の価格ではありません。
quirk-genai-prices-services = バッチや優先処理などのサービスには別の価格があり、区別して保持します。

status-column-failed = 失敗した取得
status-shape-declared = 確認済み
status-shape-read-here = この端末で確認済み
status-shape-unverified = 未確認

live-column-source = ソース
live-column-resource = リソース
live-column-outcome = 結果
live-column-status = HTTP
live-column-latency = 秒
live-column-rows = 行
live-column-failures = 読めない行
live-column-drift = 形式の変化
live-outcome-read = 読み取り済み
live-outcome-unchanged = 変更なし
live-outcome-not-read = 応答あり(未読)
live-outcome-changed = 形式が変化
live-outcome-refused = 拒否
live-outcome-unreachable = 応答なし
live-verified = 今回読み取った本文により、形式を確認できたソース: { $names }。
live-unverified = 形式が未確認のままのソース: { $names }。「--full」を付けると大きな本文も読み取ります。

error-price-events = 同梱の価格表がスキーマに合っていません: { $why }
error-price-events-hint = Headway をインストールし直してください。解決しない場合はご報告ください。
warning-prices_none = { $model } の価格を示すソースはありません。無料ではなく、不明です。
prices-column-provider = 提供事業者
prices-column-kind = 課金対象
prices-column-price = 100 万トークンあたり米ドル
prices-column-service = サービス
prices-column-from = 開始日
prices-column-to = 終了日(この日を含まない)
prices-column-seen = 確認時期
prices-column-holds = 該当
prices-column-source = 出典
prices-holds-yes = はい
prices-holds-unknown = 不明

warning-prices_older = 保存済みの価格一覧のうち、新しいもの { $count } 件を読み取れません。使用した一覧: { $list }。理由は「headway data status genai-prices --json」で確認できます。
warning-prices_unread = { $list } の価格のうち { $count } 件を読み取れませんでした。
warning-repositories_older = 保存済みの Hub の本文のうち、新しいもの { $count } 件を読み取れないため、それより古いものを使用しました。理由は「headway data status huggingface --json」で確認できます。

sync-outcome-needs-extra = 追加パッケージが必要
live-outcome-needs-extra = 追加パッケージが必要
