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
