# 「headway lag --harness」の文言:重みに対するスキャフォールドと予算の寄与。

## 文
harness-finding-share = { $domain }：同じベンチマークでのスコアのばらつきのうち、スキャフォールド・推論の強さ・評価環境が { $harness }、重みが { $weights } を占める。
harness-finding-scaffold = { $domain }：中央値のスキャフォールドの代わりに最良のものを使うと、最前線の進歩 { $months } か月分に相当する（複数で実行された { $models } モデル）。
harness-finding-budget = サイバー：エージェントが使えるトークンを 2 倍にすると { $months } か月分に相当する（実行を小さい予算で打ち切って計算）。
harness-shares-title = スコアのばらつきの内訳（ロジット尺度、ベンチマークの難しさは除く）
harness-months-title = 最前線の進歩に換算した月数
harness-splits-title = 平均遅れの区間の原因別内訳（分散に占める割合）
harness-not_computed = このデータではハーネスの寄与を計算していません。実行：headway lag --harness --compute

## 部分と指標
harness-part-weights = 重み
harness-part-profile = モデル×ベンチマーク
harness-part-scaffold = スキャフォールド
harness-part-effort = 推論の強さ・予算
harness-part-setup = 評価者の環境
harness-part-residual = 残り
harness-measure-best_scaffold = 最良と中央値のスキャフォールドの差
harness-measure-scaffold_sd = スキャフォールド間のばらつき（標準偏差）
harness-measure-full_effort = 推論の強さ：最低から最高へ
harness-measure-thinking_doubling = 思考トークンを 2 倍
harness-measure-budget_stated = トークン予算を 2 倍（明示された予算）
harness-measure-budget_cut = トークン予算を 2 倍（実行を打ち切り）
harness-split-items = 問題
harness-split-serving_stack = 提供環境
harness-split-scaffold = スキャフォールド
harness-split-evaluator = 評価者
harness-split-model = モデル
harness-split-release_process = リリースの偶然
harness-column-part = 領域
harness-column-scores = スコア数

## 図
harness-chart-axis = 公開クローズド最前線の進歩（か月）
harness-chart-title = { $domain }：スコアのばらつきの { $share }（{ $low }～{ $high }）は重みではなくハーネスによる。ハーネスと予算は何か月分に当たるか：
harness-chart-nothing = ハーネスと予算は何か月分に当たるか

## 注
note-too_few_matched = 条件のそろった結果が少なすぎる
note-too_few_rows = スキャフォールドの分かるスコアが少なすぎる（{ $need } 件必要なところ { $have } 件）

## 警告とエラー
warning-harness_not_computed = このデータと設定ではハーネスの寄与を計算していません。実行：headway lag --harness --compute
error-harness-empty = 描くものがありません。このデータではハーネスの寄与を計算していません。
error-harness-empty-hint = 実行：headway lag --harness --compute
