# headway data export・add・remove。

export-written = { $table } の { $rows } 行を書き出しました: { $path }
export-printed = { $table } の { $rows } 行
error-export-eee = Every Eval Ever の記録はスコア用です。表 { $table } はこの形式では書き出せません。
error-export-eee-hint = 表 scores を書き出すか、別の形式を選んでください。
error-export-where = 「{ $condition }」はこの表の列に対する条件ではありません。列: { $columns }。
error-export-where-hint = model_version=gpt-5 のように「列名=値」と書いてください。
error-export-empty = { $table }: { $where } に当てはまる行がありません。
error-export-empty-hint = 「headway data show { $table }」で内容を確認できます。
error-export-too-long = { $rows } 行は 1 シートの上限({ $limit } 行)を超えています。
error-export-too-long-hint = csv か parquet を選ぶか、--where で行を減らしてください。

own-added = { $rows } 行を保存しました(ファイルのうち { $known } 行は保存済み)。現在 { $total } 行です。「headway lag --own include」で使われます。
own-would_add = すべての行を使用できます。{ $rows } 行が追加され(ファイルのうち { $known } 行は保存済み)、{ $total } 行になります。まだ何も書き込んでいません。保存するには --yes を付けてください。
own-refused = { $bad } 行は使用できません。何も書き込んでいません。
own-removed = { $rows } 行を削除しました。現在 { $total } 行です。
own-would_remove = { $rows } 行が削除され、{ $total } 行が残ります。まだ何も書き込んでいません。削除するには --yes を付けてください。
own-ask = 続けますか?
warning-own_left_out = 自分の結果が保存されていますが、この回答には含めていません。「--own include」で含められます。
reason-format-row = この行は読み取れません: { $why }({ $value })
error-own-damaged = 自分の結果のファイルが壊れています({ $why })。
error-own-damaged-hint = データフォルダー(「headway doctor」で確認)から own/scores.jsonl を移し、ファイルを追加し直してください。
error-own-unknown = 自分の結果にある { $column } の値が使用中のリリースにありません: { $names }。
error-own-unknown-hint = 「headway data remove 名前」で削除するか、追加したときのリリースを使ってください。
error-own-none = 「{ $name }」という自分の結果はありません。ファイル: { $files }。
error-own-none-hint = 追加したときのファイル名、モデルバージョン、ベンチマーク、行の id、または all を指定してください。
error-own-write = データフォルダーの { $file } に書き込めません({ $why })。
error-own-write-hint = フォルダーは「headway doctor」で確認でき、HEADWAY_DATA_DIR で変更できます。
