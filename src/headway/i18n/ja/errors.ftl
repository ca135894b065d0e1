# エラー。error-<key> は期待と実際、error-<key>-hint は対処。コードは翻訳しない。

error-release-file = データリリースを読み込めません: { $file }({ $why })。
error-release-file-hint = 「headway doctor」で使用中のフォルダーを確認してください。HEADWAY_DATA_DIR を解除すると同梱のリリースが使われます。それでも直らない場合は Headway を再インストールしてください。
error-release-damaged = データリリースが壊れています: { $tables } の内容が release.json の記載と一致しません。
error-release-damaged-hint = Headway を再インストールするか、リリースを作り直してください。壊れたリリースは一切使用しません。

error-columns-missing = { $table }: 次の列がありません: { $columns }。実際の列: { $found }。
error-columns-missing-hint = 足りない列を追加するか、既存の列の名前を変更してください。
error-columns-neither = { $table }: 次の列がありません: { $columns }。実際の列: { $found }。
error-columns-neither-hint = スコアの表には { $scores }、指数の表には { $index } が必要です。
error-empty-table = { $table }: 表に行がありません。
error-empty-table-hint = ファイルの指定と、書き出しが完了しているかを確認してください。
error-column-type = { $table }: 列 { $column } は { $expected } のはずですが、{ $found } でした(例: { $examples })。
error-column-type-hint = 正しい型で列を書き出し直してください。
error-bad-rows = { $table }: 列 { $column } の { $count } 行が規則「{ $rule }」に反しています。先頭の例: { $rows }。ほかに反している規則: { $others }。
error-bad-rows-hint = これらの行を修正してください。規則に反する表はどの行も使用しません。規則は文書の「表」のページにあります。
error-foreign-key = { $table }: 列 { $column } の値 { $count } 件が { $target } にありません。先頭の例: { $values }。
error-foreign-key-hint = { $target } に追加するか、表記を修正してください。

error-unknown-model = 「{ $name }」という名前のモデルは登録されていません。近い名前: { $close }。
error-unknown-model-hint = 「headway data list models」ですべての名前を確認できます。
error-ambiguous-model = 「{ $name }」は複数のモデルバージョンを指す可能性があります: { $versions }。
error-ambiguous-model-hint = いずれか一つの正確な id を指定してください。

error-no-such-file = { $file }: ファイルが見つかりません。
error-no-such-file-hint = パスを確認してください。
error-not-a-file = { $file } は通常のファイルではありません。
error-not-a-file-hint = CSV または Parquet ファイルのパスを指定してください。
error-cannot-open = { $file } を開けません({ $why })。
error-cannot-open-hint = 読み取り権限を確認してください。
error-too-large = { $file } は大きすぎます: { $size } MiB(上限は { $limit } MiB)。
error-too-large-hint = 必要な列と行だけを残してください。
error-too-many-rows = { $file } の行が多すぎます: { $rows } 行(上限は { $limit } 行)。
error-too-many-rows-hint = 必要な行だけを残してください。
error-not-parquet = { $file } は、名前に反して Parquet ファイルではありません。
error-not-parquet-hint = 書き出し直すか、CSV であれば拡張子を .csv にしてください。
error-truncated-parquet = { $file }: Parquet ファイルが途中で切れているか、壊れています。
error-truncated-parquet-hint = コピーまたはダウンロードをやり直してください。完全なファイルは末尾が PAR1 です。
error-header-twice = { $file }: 同じ名前の列があります: { $columns }。
error-header-twice-hint = 列ごとに別の名前を付けてください。
error-ragged = { $file } の { $line } 行目: セルが { $found } 個ありますが、見出しは { $expected } 個です。
error-ragged-hint = カンマを含むセルを引用符で囲んでください。
error-not-csv = { $file } の { $line } 行目: CSV として正しくありません({ $why })。
error-not-csv-hint = その行と直前の行の引用符を確認してください。
error-other-format = { $file } は CSV でも Parquet でもなく、{ $format } のようです。
error-other-format-hint = 表を UTF-8 の CSV または Parquet で書き出してください。
error-not-utf8 = { $file } は UTF-8 ではありません(最初の不正なバイトは { $position } 番目)。{ $guess } のようです。
error-not-utf8-hint = 変換してからもう一度実行してください:  iconv -f { $iconv } -t UTF-8 OLD.csv > NEW.csv
error-file-rows = { $file }: { $count } 行が使用できません。先頭の例(行番号順): { $rows }。
error-file-rows-hint = 「headway data validate FILE」ですべての行を確認できます。

error-bad-choice = { $option }: 「{ $value }」は選べません。選択肢: { $allowed }。
error-bad-choice-hint = 「headway { $command } --help」を参照してください。
error-bad-date = { $option }: 「{ $value }」は 2026-06-30 のような日付ではありません。
error-bad-date-hint = 日付は YYYY-MM-DD の形で書いてください。
error-bad-level = 水準は 0 より大きく 1 より小さい値です。指定された値: { $value }。
error-bad-level-hint = 90 % は --level 0.90 と書きます。
error-stage-without-cyber = 段階はサイバー領域のものです。指定された領域: { $domain }。
error-stage-without-cyber-hint = --domain を省くか、--domain cyber を指定してください。
error-index-option = { $option } は --index とともには使えません。指数は領域・段階・証拠の区別がない一つの系列です。
error-index-option-hint = { $option } を省いてください。
error-nothing-known = { $as_of } までに知られていたスコアはありません。最初のスコアは { $first } です。
error-nothing-known-hint = より後の日付を --as-of に指定してください。
error-no-such-id = 「{ $id }」という名前のものはありません。近い名前: { $close }。
error-no-such-id-hint = 「headway data list」で表・モデル・ベンチマーク・出典を確認できます。
error-cannot-write = { $file } に書き込めません({ $why })。
error-cannot-write-hint = -o で別のパスを指定してください。
error-interrupted = 途中で中断されました。何も書き込んでいません。
error-interrupted-hint = もう一度実行してください。終わった部分はキャッシュから読み込まれます。

# ファイルの行が使用できない理由
reason-missing = セルが空です
reason-not-a-number = 「{ $value }」は数値ではありません
reason-not-finite = 「{ $value }」は有限の数値ではありません
reason-percent = 「{ $value }」にパーセント記号があります。割合は 0 から 1 で書きます
reason-percent-not-proportion = { $value } はパーセントのようです。この列は割合(0 から 1)なので 100 で割ってください
reason-out-of-range = { $value } は割合の範囲(0 から 1)の外です
reason-negative = { $value } は負の値です。標準偏差は 0 以上です
reason-not-a-date = 「{ $value }」は 2026-06-30 のような日付ではありません(2026-06 と 2026 も使えます)
reason-future = { $value } は今日({ $today })より後の日付です
reason-unknown-access = 「{ $value }」は選べません。選択肢: { $allowed }
reason-unknown-unit = 「{ $value }」は選べません。選択肢: { $allowed }
reason-unknown-model = 「{ $value }」という名前のモデルは登録されていません。近い名前: { $close }
reason-identity-conflict = 「{ $value }」は複数のモデルバージョンを指す可能性があります: { $close }
reason-unknown-benchmark = 「{ $value }」という名前のベンチマークは登録されていません。近い名前: { $close }
reason-duplicate = { $first } 行目と重複しています
