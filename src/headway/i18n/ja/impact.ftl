# 「headway impact」の文言。

## 列と単位
impact-column-series = 系列
impact-column-unit = 数える対象
impact-column-source = 情報源
impact-column-since = 開始
impact-column-through = 終了
impact-column-total = 合計
impact-column-severity = 深刻度
impact-column-start = 開始
impact-column-n = 件数
impact-column-days = 観測日数
impact-column-step = 段差
impact-column-interval = 区間
impact-column-p = p
impact-column-holm = p(Holm)
impact-column-break = 最適な変化点
impact-column-nobreak = 変化なし
impact-column-detectable = 検出限界
impact-unit-identifier = 識別子
impact-unit-bug = バグ

## 系列
impact-series-title = { $series }:{ $unit }、{ $source }、{ $through } まで
impact-partial = { $days }(期間途中)
impact-earlier = … ほかに、これより前の { $n } 期間(すべて見るには --json または --output)

## 分析
impact-study-title = イベント分析(対象イベントの日付:{ $event })
impact-caveat-cause = イベント時点の段差は、そのままイベントの効果とはいえません。他のツール、他社の取り組み、報告方法の変更も同じ系列を動かし、イベントより前に変化した系列もあります。
impact-caveat-unit = ここで数えているのは公表された件数であり、存在する脆弱性や悪用された脆弱性の数ではありません。バグで数えるか識別子で数えるかで、結論が変わることがあります。
impact-says-change = { $series }:プラセボには見られない変化({ $step })。変化点はイベントの月と推定されます。
impact-says-earlier = { $series }:プラセボには見られない変化(イベント時点で { $step })。ただし変化点はイベントより前の{ $best }と推定されます。
impact-says-later = { $series }:プラセボには見られない変化(イベント時点で { $step })。変化点はイベントより後の{ $best }と推定されます。
impact-says-none = { $series }:偶然と区別できる変化はありません({ $step })。約 { $detectable } より小さい変化は検出できなかったはずです。
impact-says-blind = { $series }:何もいえません({ $step })。どれほど大きな変化でも、プラセボの中で目立たなかったはずです。
impact-says-refused = { $series }:推定しません。{ $why }
impact-study-legend = 段差:イベント以前の傾向に対する、イベント以後の件数の比({ $level } 区間はプラセボによる)。p:同じ探索を丸ごと繰り返したプラセボによる p 値。最適な変化点:イベント付近で変化が最もよく当てはまる月。変化なし:系列全体に変化がない確率。検出限界:有意水準 5 %、検出力 80 % で見つかる最小の段差。

## 注記
note-too_few_after = イベント以後の月数が 2 か月に足りません。
note-too_few_before = イベント以前の月数が少なく、20 個のプラセボを作れません。
note-event_is_known_step = イベントが情報源の既知の段差と重なり、両者を区別できません。
note-diverged = この系列のモデルは発散します。件数がまとめて計上されており、平均では記述できません。
note-placebos_diverged = プラセボの 1 割を超える当てはめが発散するため、比較の基準になりません。
note-some_placebos_diverged = 一部のプラセボの当てはめが発散しました。イベントを上回るものとして数えるため、p は大きくなる方向にしか動きません。
note-too_few_placebos_for_level = この水準の区間を作るには、プラセボが少なすぎるか、発散したものが多すぎます。
note-last_period_partial = 最後の月は途中のため、観測した日数に応じて数えています。
note-partial_counted_whole = 最後の月は途中ですが、指定に従い 1 か月分として数えました。
note-slope_not_estimable = イベント以後の月数が少なく、傾きを推定できません。

## 警告
warning-impact_one_data = 「impact」の事実は Headway に同梱されたものです。--data-release、--own、--quarantined を指定しても変わりません。
warning-impact_beyond = 基準日が脆弱性データの最終日({ $data_through })より後です。それ以降のことはここではわかりません。
warning-impact_pseudo_vintage = { $as_of } 時点の件数は、それより後の日付の記録を除いたものですが、記録自体は現在のものです。その後の訂正が反映されています。
warning-impact_partial = 一部の系列では最後の期間がまだ途中です。印を付けており、1 期間分の件数ではありません。
warning-impact_late = 報告には遅れがあり、どの系列も直近数週間の件数は今後少し増えます。
warning-impact_p_floor = プラセボの数から、p の下限は { $floor } です。{ $series } 系列をまとめると、Holm の p は { $holm } を下回りません。

## エラー
error-impact-severity = { $series }:情報源は深刻度「{ $value }」を使っていません。使っている語:{ $known }。
error-impact-severity-hint = 使える深刻度は「headway impact series」で確認できます。
error-impact-nothing = { $series }:この期間には数えるものがありません。
error-impact-nothing-hint = --since、--until、--as-of の範囲を広げてください。対象期間は「headway impact series」で確認できます。
error-impact-months-only = { $series }:情報源が月単位で数えているため、週単位の件数はありません。
error-impact-months-only-hint = --by week を外すか、個別の記録がある系列を指定してください。
error-impact-output = { $file } には書き出せません。系列を 1 つ以上指定し、.csv または .parquet で終わるファイル名にしてください。
error-impact-output-hint = headway impact series kev --output kev.csv
error-impact-no-series = --by、--severity、--since には系列の指定が必要です。
error-impact-no-series-hint = オプションなしの「headway impact series」で系列の一覧を表示できます。
error-impact-known-step = --known-step「{ $value }」は SERIES=YYYY-MM-DD の形式ではないか、系列が次のいずれでもありません:{ $allowed }。
error-impact-known-step-hint = headway impact study rustsec --known-step rustsec=2025-06-01

## ファネル
impact-column-stage = 段階
impact-filter-all = 全件
impact-filter-high_critical = 高・重大
impact-stage-candidates = 候補
impact-stage-reviewed = 審査済み
impact-stage-true_positives = 真陽性
impact-stage-disclosed = 開示済み
impact-stage-acknowledged = 受領確認済み
impact-stage-patched = 修正済み
impact-stage-published = CVE または GHSA あり
impact-funnel-caveat = 比べられるのは同じ列の数字だけです。日付によって開示の対象が変わっています(2026 年 8 月以降は、選別を経ずに直接送られた報告が多く含まれます)。
impact-funnel-rating = 「高・重大」は発見者または審査者の評価です。保守者の評価はこれより低くなります。
impact-funnel-move = { $below }に対する{ $top }の割合({ $severity }):{ $first } は { $before }、{ $last } は { $after }。この間に分子は { $up } 倍、分母は { $down } 倍になりました。
impact-funnel-reported = 割合に区間はありません。どちらの件数も、プログラムまたは報道が公表した総数であり、標本ではないためです。
warning-impact_dashboard = 2026 年 5 月 22 日の数字は報道、それ以降はプログラムのダッシュボードの 2 つの版によります。これより後の数字は把握していません。
error-impact-no-figures = { $as_of } までに公表された開示プログラムの数字はありません。
error-impact-no-figures-hint = 最初の数字は 2026 年 5 月 22 日のものです。
