# 他の形式の結果: 指標、Inspect のログ、名前の対応付け、問い合わせ。

error-no-metric = ファイルに { $metric } という指標はありません。ある指標: { $metrics }。
error-no-metric-hint = いずれかを --metric で指定してください。指標が 1 つだけならこのオプションは不要です。
error-several-metrics = { $file } には 1 つのベンチマークに複数の指標があります: { $metrics }。Headway が保持するスコアはベンチマークごとに 1 つです。
error-several-metrics-hint = --metric で 1 つ選んでください。
error-needs-eval = { $file } の読み込みには inspect-ai が必要ですが、インストールされていません。
error-needs-eval-hint = pip install "headway[eval]"
error-inspect-refuses = { $file } は Inspect のログとして読み込めません({ $why })。
error-inspect-refuses-hint = コピーし直すか、"inspect log dump" で確認してください。かなり古い版のログには "inspect log convert" が必要な場合があります。

# 人が読み取った数値。
data-kind-figures = 読み取り値
error-figures-not-toml = { $file } は正しい TOML ではありません({ $why })。
error-figures-not-toml-hint = 例は文書の「読み取り値」のページにあります。
error-figures-value = { $file }: { $field } の「{ $value }」は 0 より大きい数ではありません。
error-figures-value-hint = 割合 1 に当たる、印刷された単位での値です。例: of = 32。
error-figures-columns = { $file }: 読み取りの表に { $missing } がないか、未知または重複した列があります: { $wrong }。
error-figures-columns-hint = 使える列: { $allowed }。
reason-figure-ragged = 行のセル数({ $value })が見出しと一致しません
reason-figure-no-reader = 誰が読み取ったかが書かれていません
reason-figure-how = 「{ $value }」という読み取り方法はありません。選択肢: text、table、label、pixels、eye
reason-figure-no-error = 読み取り誤差がないか、ありえない値です(「{ $value }」)。図から読み取った値には 0 より大きい誤差が必要です
reason-figure-same-reader = { $reader } が 2 回読み取っています。2 回目は別の人が読み取る必要があります
reason-figure-unchecked = { $reader } の読み取りには最初の読み取りと共通の数値がありません。名前を見比べてください
reason-figure-disagrees = { $model } を { $reader } は { $other } と読んでおり({ $line } 行目)、この差は記載された誤差(合わせて { $error })では説明できません
reading-agree = { $second } の読み取りは { $first } と { $n } 個の数値で一致しています(再読なし { $unchecked } 個): 二乗平均平方根 { $rms }、平均 { $mean }。最も離れているのは { $model } の { $one } と { $other } です。
reading-disagree = { $second } の読み取りは { $first } と { $n } 個の数値で一致していません(再読なし { $unchecked } 個): 二乗平均平方根 { $rms }、平均 { $mean }。最も離れているのは { $model } の { $one } と { $other } です。
reading-same_reader = { $second } は最初の読み取りも行っています(比較した数値 { $n } 個、比較なし { $unchecked } 個)。
reading-nothing_common = { $second } と { $first } に共通する数値は { $n } 個です(再読なし { $unchecked } 個)。
reading-too_near = 両者の差は記載された誤差から考えて小さすぎます。1 回目を見ながら読み取ったか、誤差が大きすぎる可能性があります。
warning-figures_read_once = この数値を読み直した人はいません。読み取ったのは { $reader } だけです。

# 書き出す問い合わせと回答。
error-export-what = 表(または回答)と --sql のどちらか一方だけを指定してください。
error-export-what-hint = 例: headway data export scores
error-sql-select = 実行できるのは表に対する SELECT だけです: { $sql }
error-sql-select-hint = SELECT または WITH で始めてください。
error-sql-files = 問い合わせが読むのはリリースの表だけで、ファイルは読みません: { $sql }
error-sql-files-hint = 表: { $tables }
error-sql-refused = 問い合わせを実行できません: { $why }
error-sql-refused-hint = 表: { $tables }。列は "headway data show 表名" で確認できます。
error-no-answer = { $file } は Headway の回答ではありません。
error-no-answer-hint = コマンドが --json で出力した内容を指定してください。例: headway lag --json > lag.json

# headway data add の質問。
walk-metric = どれをスコアとして使いますか。
walk-column = { $column } に当たる列はどれですか。
walk-model = どのモデルの結果かがファイルに書かれていません。モデル名(Enter: そのままにする)
walk-percent = スコアはパーセントのようです。パーセントとして読みますか。
walk-number = 番号(Enter: どれでもない)
walk-number_or_name = 番号、または登録されている別の名前(Enter: そのままにする)
walk-same = 質問なしで同じことをするコマンド: { $command }
own-map = 次の名前が何に当たるかを指定してください: { $options }
error-bad-unit = { $unit } という単位はありません。
error-bad-unit-hint = 次のいずれかを指定してください: { $allowed }
walk-not_offered = 「{ $said }」は選択肢にありません。
reason-too-early = { $value } は { $earliest } より前です。評価できる言語モデルはまだありませんでした
