# 外部の結果の形式。

error-format-unknown = { $file }: この結果の形式には対応していません。
error-format-unknown-hint = 対応形式: .csv、.json(Every Eval Ever、lm-evaluation-harness)、.jsonl、.yaml(Hugging Face の結果)、.eval(Inspect)。
error-format-not-utf8 = { $file } は UTF-8 ではありません(最初の不正なバイトは { $position } 番目)。
error-format-not-utf8-hint = UTF-8 で書き出し直してください。
error-format-not-json = { $file } は正しい JSON ではありません({ $why })。
error-format-not-json-hint = ファイルが途中で切れていないか確認してください。
error-format-not-yaml = { $file } は単純な YAML ファイルではありません({ $why })。
error-format-not-yaml-hint = 文書の「外部ファイル」のページにある形の結果の一覧を指定してください。
error-format-drift = { $file }: 次の部分がありません: { $missing }。実際の内容: { $found }。
error-format-drift-hint = 形式とその版を確認してください。形は文書の「外部ファイル」のページにあります。
error-bad-mapping = 対応付けに存在しない列名があります: { $columns }。
error-bad-mapping-hint = 指定できる列: { $allowed }。
error-damaged-zip = { $file } は完全なログではありません: zip を読み込めません({ $why })。
error-damaged-zip-hint = コピーし直してください。書き込み中のログにはまだ終わりがありません。
error-zip-entry-large = { $file }: { $entry } は展開すると { $limit } MiB を超えます。
error-zip-entry-large-hint = このようなログは受け付けません。メタデータの短いログを書き出してください。
