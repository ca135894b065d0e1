# 他の形式の結果: 指標、Inspect のログ、名前の対応付け、問い合わせ。

error-no-metric = ファイルに { $metric } という指標はありません。ある指標: { $metrics }。
error-no-metric-hint = いずれかを --metric で指定してください。指標が 1 つだけならこのオプションは不要です。
error-several-metrics = { $file } には 1 つのベンチマークに複数の指標があります: { $metrics }。Headway が保持するスコアはベンチマークごとに 1 つです。
error-several-metrics-hint = --metric で 1 つ選んでください。
error-needs-eval = { $file } の読み込みには inspect-ai が必要ですが、インストールされていません。
error-needs-eval-hint = pip install "headway[eval]"
error-inspect-refuses = { $file } は Inspect のログとして読み込めません({ $why })。
error-inspect-refuses-hint = コピーし直すか、"inspect log dump" で確認してください。かなり古い版のログには "inspect log convert" が必要な場合があります。
