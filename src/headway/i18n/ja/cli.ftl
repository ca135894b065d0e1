# コマンドライン: 標準エラー出力の文、表の見出し

cli-error = エラー: { $text } [{ $code }]
cli-hint = 対処: { $text }
cli-warning = 注意: { $text }
cli-written = レポートを書き出しました: { $path }

warning-mixed_scale = { $n } 件中 { $count } 件のスコアが 1 を超え、残りは 0 から 1 の間です。割合の指数であれば、パーセントが混ざっている可能性があります。
warning-other_anchors = { $domain }: 通常の尺度の基準となるモデルがこのデータにありません。別の 2 モデルを基準としたため、点数をほかのレポートと比較できません。
unit-logits = { $value } ロジット
cite = Headway { $version }、データリリース { $release }、基準日 { $as_of }、結果 { $result }。

data-table-title = { $table }({ $rows } 行)
data-rows-left = … ほか { $count } 行(--limit を変えるか、--json ですべて表示)
data-kind-scores = スコア
data-kind-index = 指数
data-valid = { $file }: { $kind }の { $rows } 行すべてを使用できます。
data-invalid = { $file }: { $kind }の { $rows } 行のうち { $bad } 行を使用できません。
data-column-line = 行
data-column-column = 列
data-column-reason = 理由

doctor-column-status = 状態
doctor-column-check = 項目
doctor-column-found = 内容
doctor-status-ok = 正常
doctor-status-failed = 異常
doctor-status-absent = なし(任意)
doctor-check-headway = Headway
doctor-check-python = Python
doctor-check-library = 数値計算ライブラリ
doctor-check-release = データリリース
doctor-check-tables = 表とキー
doctor-check-data-dir = 利用者のデータのフォルダー
doctor-check-cache-dir = キャッシュのフォルダー
doctor-check-locale = ロケール
doctor-check-fonts = 日本語フォント
doctor-check-browser = ブラウザー(テスト用)
