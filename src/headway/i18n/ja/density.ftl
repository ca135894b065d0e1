# 「headway lag --density」の文言。密度・上乗せ・ハーネスに共通の文言も含む。

## 文
density-finding = { $domain }：同じ能力に必要なパラメータ数は、全モデルの回帰面（典型的なモデル）では { $halving } か月、一定水準に達した最小の評価済みモデルでは { $smallest } か月で半減。
density-smallest = { $anchor } 以上の能力をもつ最小のオープンモデル：{ $first }（{ $first_b } 十億、{ $first_at }）から { $last }（{ $last_b } 十億、{ $last_at }）へ。
density-published = 公表値：最大密度は 3.3～3.5 か月で 2 倍（2023年から2025年4月、約 800 億パラメータまで）。同じ規則・期間・規模をこちらの一般能力に当てはめると { $record } か月。
density-consumer = 民生用 GPU 1 枚に載るオープンモデル（280 億、のち 400 億まで）の一般能力は、{ $at } までの 12 か月平均でクローズド最前線から { $lag } の遅れ。2025年8月の公表値は 6～12 か月。
density-known = 結果と公開日のあるオープンモデル { $dated } 件のうち、総パラメータ数が分かるもの { $total } 件、有効パラメータ数が分かるもの { $active } 件。
density-needs-title = 一定の水準に今日必要なパラメータ数（十億、総数）
density-not_computed = このデータでは密度を計算していません。実行：headway lag --density --compute

## 表
density-total = 総数
density-active = 有効
density-column-part = 領域
density-column-parameters = パラメータ
density-column-models = モデル数
density-column-halving = 半減（か月）[{ $level }]
density-column-at_size = { $size } 十億での値
density-column-record = 記録更新
density-column-smallest = 最小モデル
density-column-level = 水準
density-column-needed = 十億 [{ $level }]
density-column-smallest_model = 達した最小の評価済みモデル
density-column-remark = 備考

## 図
density-chart-axis = パラメータ数（十億）
density-chart-title = { $domain }：同じ能力に必要なパラメータ数は、典型的なモデルで { $halving } か月（{ $low }～{ $high }、実線）、一定水準に達した最小の評価済みモデルで { $smallest } か月（破線）ごとに半減。
density-chart-nothing = オープンモデルのパラメータ数の推移

## 注
unit-billion = { $value } 十億
note-too_few_sized = 規模の分かるモデルが少なすぎる（{ $need } 件必要なところ { $have } 件）
note-too_few_labs = 開発元が少なすぎる（{ $need } 必要なところ { $have }）
note-sizes_too_alike = 規模の幅が 10 倍に満たない
note-dates_too_alike = 日付の幅が 1 年に満たない
note-outside_sizes = 観測された規模の外
note-no_models_near = その規模と時期の評価済みモデルがない
note-unbounded = 有限の値にならない

## 警告とエラー
warning-density_not_computed = このデータと設定では密度を計算していません。実行：headway lag --density --compute
error-density-empty = 描くものがありません。このデータでは密度を計算していません。
error-density-empty-hint = 実行：headway lag --density --compute
error-latent-option = { $option } は { $command } では意味をもちません。
error-latent-option-hint = { $option } を外してください。
error-latent-one-evidence = この問いに指定できる証拠の種類は一つだけです（{ $given } は不可）。
error-latent-one-evidence-hint = 種類ごとに実行してください。
