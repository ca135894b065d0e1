# 公表された遅れの再計算と、二つの数値の間の経路。

## 一覧
reconcile-verdict = 月数で公表された遅れは { $count } 件。著者自身のデータと規則から再現できたものが { $reproduced } 件、一部だけ計算できたものが { $partly } 件、入力が公開されていないものが { $hidden } 件です。
reconcile-verdict_more = 範囲は、同じ記述を公開データで別に読んだときの値です。headway reconcile --path A B で、一方が他方に変わるまでに何が何か月動かすかを示します。
reconcile-hidden = 再計算の対象がないもの({ $why }):{ $names }。
reconcile-column-preset = 数値
reconcile-column-publisher = 公表者
reconcile-column-published = 公表値
reconcile-column-again = 再計算
reconcile-column-status = 判定
reconcile-status-reproduced = 再現
reconcile-status-partly = 一部
reconcile-status-inputs_not_public = 入力は非公開
reconcile-number_interval = { $value } [{ $low }~{ $high }]
reconcile-only_interval = [{ $low }~{ $high }]
reconcile-up_to = { $high } まで

## 理由
reconcile-why-inputs_not_stored = もとの得点がこのデータ版にない
reconcile-why-inputs_licensed = 得点のライセンスが再配布を認めない
reconcile-why-inputs_not_named = どの得点かを著者が示していない
reconcile-why-judgement = 判断による値
reconcile-why-forecast = 予測
reconcile-why-cited_from_others = 他者からの引用
note-inputs_not_stored = もとの得点がこのデータ版にありません
note-inputs_licensed = 得点のライセンスが再配布を認めません
note-inputs_not_named = どの得点かを著者が示していません
note-judgement = 判断による値です
note-forecast = 予測です
note-cited_from_others = 他者からの引用です
note-range_without_summary = 要約値のない範囲です
note-not_in_data = このデータには { $arg } のその値がありません
note-no_model_named = モデルが指定されていません
note-model_not_in_data = 指定のモデルがこのデータにありません
note-model_not_entered = 指定のモデルはその日までに出ていません
note-model_not_informative = 指定のモデルはここでは十分に測られていません
note-forward_needs_step = 一致までの月数には段階の規則が必要です
note-forward_needs_reach = 一致までの月数は、その水準に最初に届いたモデルまで数えます
note-too_few_records = 直線を引くには記録が足りません
note-no_records_in_window = 期間内にオープンモデルの記録がありません
note-no_matches = 期間内に追いつかれたクローズドの記録がありません
note-draws_not_numbers = 標本の { $share } が経路のどこかで数値になりません

## 経路
reconcile-path_verdict = { $begin }({ $from } か月)から { $end }({ $to } か月)まで:{ $difference } か月。最も大きく動かすのは「{ $choice }」で { $months } か月です。
reconcile-path_none = { $begin }({ $from } か月)と { $end }({ $to } か月)では、どの選択も同じです。
reconcile-path_orders = { $all } 通りの順序のうち { $feasible } 通りが計算できます。各段はこれらの順序での平均で、合計は差に正確に一致します。
reconcile-path_joined = 一つずつは変えられないため、一段にまとめたもの:{ $names }。
reconcile-path_blocked = 途中で計算できない組み合わせ({ $count } 件)、例 { $example }:{ $why }。
reconcile-column-choice = 選択
reconcile-column-from = 変更前
reconcile-column-to = 変更後
reconcile-column-months = 動き(か月)
reconcile-column-interval = { $level } 区間
reconcile-column-orders = 順序による最小~最大
reconcile-both_ends = { $low }~{ $high }

## 選択を一つずつ
reconcile-set_verdict = { $preset } の選択を { $count } 件変更:{ $before } → { $after }。
reconcile-column-before = 変更前の遅れ
reconcile-column-after = 変更後の遅れ

## 選択とその値
reconcile-choice-data = データ
reconcile-choice-domain = 分野
reconcile-choice-items = 問題の公開度
reconcile-choice-evaluator = 評価主体
reconcile-choice-irt = IRT の母数
reconcile-choice-groups = 追う側と追われる側
reconcile-choice-dates = 日付の決め方
reconcile-choice-frontier = クローズドの最前線
reconcile-choice-rule = 段階か傾向線か
reconcile-choice-matching = 一致の規則
reconcile-choice-margin = 許容差
reconcile-choice-first_match = データ中の最初の一致
reconcile-choice-average = 平均の取り方
reconcile-choice-model = モデル
reconcile-choice-since = 期間の始まり
reconcile-choice-as_of = 基準日
reconcile-joined = { $first }+{ $second }

## 図
reconcile-chart_axis = 遅れ(か月)
reconcile-chart_finding = 遅れを最も動かすのは「{ $choice }」:{ $difference } か月のうち { $months } か月
reconcile-chart_steps = { $begin } から { $end } まで
reconcile-chart_arrow = { $from } → { $to }
reconcile-chart_list = 公表された遅れと再計算の結果

## エラー
error-reconcile-unknown = 「{ $name }」という数値や遅れはありません。近い名前:{ $close }。
error-reconcile-unknown-hint = 「headway reconcile」がすべての数値を一覧します。headway-cyber、headway-coding、headway-general は Headway 自身の値です。
error-reconcile-not_computable = { $name } は経路の端にできません:{ $why }。
error-reconcile-not_computable-hint = 「再計算」に数値のあるものを選んでください。
error-reconcile-as_of = --as-of はここでは意味を持ちません。数値ごとに基準日があります。
error-reconcile-as_of-hint = 一つの遅れの日付は --set as_of=2026-06-30 で変えられます。
error-reconcile-options = --path と --set は同時に使えません。
error-reconcile-options-hint = --path は二つの数値の間の段を示し、--set は一つの数値の選択を変えます。
error-reconcile-setting = --set には 選択=値 が必要です。受け取ったもの:「{ $value }」。
error-reconcile-setting-hint = 例:--set rule=trend_closed。
error-reconcile-choice = 「{ $choice }」という選択はありません。
error-reconcile-choice-hint = 次のいずれか:{ $allowed }。
error-reconcile-value = { $choice } に「{ $value }」は使えません。
error-reconcile-value-hint = 次のいずれか:{ $allowed }。
error-reconcile-number = { $choice } に「{ $value }」は使えません。
error-reconcile-number-hint = margin は 0 以上の数、since と as_of は 2026-06-30 のような日付で、since は as_of より前です。
error-reconcile-data = 「{ $name }」というデータまたはモデルはありません。
error-reconcile-data-hint = 次のいずれか:{ $known }。または二つのモデル id で pair:先行/後続。
