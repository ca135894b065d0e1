# 「headway lag --sauce」の文言:コーディングと一般能力では説明できないサイバー能力。

## 文
sauce-finding-share = 同時期の{ $group }モデルの間では、サイバー能力の差の { $both } をコーディングと一般能力で説明でき、コーディングだけでは { $coding }。領域ごとに別々に推定すると { $separate }。
sauce-finding-lead = { $model } は公開時、サイバーでクローズド最前線の傾向線より { $lead } か月先行（3 か月を超える確率 { $share }）。コーディングと一般能力から見込まれる分を超える部分は { $residual } か月。
sauce-finding-stages = { $model } のサイバー内訳：{ $parts }。
sauce-finding-stage = { $stage } { $lead }、{ $verdict }（そこでの自身のスコア { $scores } 件）
sauce-finding-published = { $model } の先行の公表値：{ $value } [{ $low }～{ $high }] か月。同じ規則をこちらのサイバー能力に当てはめると { $ours }。
sauce-models-title = 2025年以降に各区分で記録を更新したモデル（新しい順、か月）
sauce-not_computed = このデータでは上乗せ分を計算していません。実行：headway lag --sauce --compute

## 語
sauce-class-closed = クローズド
sauce-class-open = オープンウェイト
sauce-verdict-jump = 飛躍
sauce-verdict-ahead = 先行
sauce-verdict-undecided = 判定できず
sauce-verdict-behind = 後れ
sauce-verdict-not_estimable = 推定できない

## 表
sauce-column-part = サイバーの部分
sauce-column-class = 区分
sauce-column-models = モデル数
sauce-column-both = 両方で説明 [{ $level }]
sauce-column-coding = コーディング
sauce-column-general = 一般能力
sauce-column-slope_coding = 傾き（コーディング）
sauce-column-slope_general = 傾き（一般）
sauce-column-sd = 残りの標準偏差（ロジット）
sauce-column-model = モデル
sauce-column-entered = 公開
sauce-column-lead = クローズド傾向線に対する先行 [{ $level }]
sauce-column-verdict = 判定
sauce-column-residual = コーディング・一般能力を超える分
sauce-column-remark = 備考

## 図
sauce-chart-axis = 公開時にクローズド最前線の傾向線より先行した月数
sauce-chart-leads = サイバーで記録を更新したクローズドモデル
sauce-chart-stages = { $model } のサイバー内訳
sauce-chart-title = { $model } は公開時、サイバーの傾向線から最も先行し、その幅は { $lead } か月。どの区間も広い。
sauce-chart-nothing = 傾向線に対する先行は推定できない

## 注
note-too_few_measured = サイバーに加えてコーディングか一般能力のスコアをもつモデルが少なすぎる（{ $need } 件必要なところ { $have } 件）
note-no_coding_scores = コーディングのスコアなし
note-no_general_scores = 一般能力のスコアなし

## 警告とエラー
warning-sauce_not_computed = このデータと設定では上乗せ分を計算していません。実行：headway lag --sauce --compute
error-sauce-empty = 描くものがありません。このデータでは上乗せ分を計算していません。
error-sauce-empty-hint = 実行：headway lag --sauce --compute
