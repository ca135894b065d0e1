# "headway lag --effects" の語。証拠の種類がスコアと遅れに与える影響。

## 効果の名前
effects-name-inflation = 公表者
effects-name-held_out = 公開問題と非公開問題
effects-name-freshness = ベンチマークの新しさ
effects-name-saturation = 上限付近
effects-name-selection = 評価対象の選ばれ方
effects-name-distillation = 蒸留
effects-name-tellings = 複数の公表値
effects-name-robustness = エージェント型と一問一答型
effects-name-reliability = 信頼性
effects-name-dependence = 開発元への依存
effects-basis-model = 能力モデル
effects-basis-matched = 対応比較
effects-basis-counted = 集計
effects-class-open = オープン
effects-class-closed = クローズド
effects-group-all = 全体

## 測定量(表と図の行)
effects-measure-first_party = 開発元の値 − 独立評価
effects-measure-competitor = 競合の値 − 独立評価
effects-measure-first_party_less_competitor = 開発元の値 − 競合の値
effects-measure-first_party_open_less_closed = 開発元による上振れ（オープン − クローズド）
effects-measure-lag_without_first_party = 開発元の値を除いた遅れ
effects-measure-lag_without_parties = 開発元と競合の値を除いた遅れ
effects-measure-public_less_held_out = オープン − クローズド：公開 − 非公開
effects-measure-gap_public = 公開問題でのオープン − クローズド
effects-measure-gap_held_out = 非公開問題でのオープン − クローズド
effects-measure-per_year = ベンチマーク公開後の1年あたりの上昇
effects-measure-per_year_open_less_closed = ベンチマーク公開後の1年あたりの上昇、オープン − クローズド
effects-measure-information_near_ceiling = 90 %超のスコアの情報量（30〜70 %比）
effects-measure-evidence_from_saturated = 飽和したベンチマークに基づく証拠
effects-measure-lag_without_saturated = 飽和したベンチマークを除いた遅れ
effects-measure-odds_per_logit = 評価される対数オッズ（能力 − 難易度 1ロジットあたり）
effects-measure-odds_per_logit_open_less_closed = 1ロジットあたりの対数オッズ、オープン − クローズド
effects-measure-odds_open = 評価される対数オッズ、オープン − クローズド
effects-measure-odds_lab_size = 評価される対数オッズ（開発元のモデル数の対数あたり）
effects-measure-control_function = 選択項1単位あたりのスコア
effects-measure-lag_with_selection = 選択項を入れた遅れ
effects-measure-held_out_less_public = 蒸留モデル：非公開 − 公開
effects-measure-lag_with_distilled = 蒸留項を入れた遅れ
effects-measure-flag_stated = 蒸留の有無が明記されたモデル
effects-measure-flag_stated_last_18_months = 直近18か月のモデルのうち明記されたもの
effects-measure-sd_evaluator = 評価主体間のばらつき
effects-measure-sd_scaffold = 同一評価主体のスキャフォールド間のばらつき
effects-measure-sd_harness = 同一評価主体・同一スキャフォールド内のばらつき
effects-measure-sd_version = 同じタスクの版の間のばらつき
effects-measure-sd_setup_model = 能力モデルにおける設定間のばらつき
effects-measure-sd_scaffold_model = 能力モデルにおけるスキャフォールド間のばらつき
effects-measure-agentic_open_less_closed = オープン − クローズド：エージェント型 − 一問一答型
effects-measure-all_by_any = 3回のいずれかで解けた課題のうち3回とも解けた割合
effects-measure-all_by_any_open_less_closed = 3回とも解けた割合、オープン − クローズド
effects-measure-between_attempts = 1回の試行に占める偶然の割合
effects-measure-between_attempts_open_less_closed = 偶然の割合、オープン − クローズド
effects-measure-developer_alone = 開発元だけが伝えている割合
effects-measure-developer_alone_mean = 開発元だけが伝えている割合の平均
effects-measure-developer_or_rival = 開発元または競合が伝えている割合
effects-measure-developer_or_rival_mean = 開発元または競合が伝えている割合の平均

## 表
effects-column-effect = 効果
effects-column-group = 区分
effects-column-basis = 根拠
effects-column-estimate = 推定値
effects-column-other = 対応比較または集計
effects-column-months = 遅れ（月）への影響
effects-column-n = n
effects-cell = { $amount } [{ $interval }]
effects-intervals = 角括弧内は { $level } 区間。ポイントはスコア50 %の水準でのもの。
effects-percent = { $value } [{ $low }〜{ $high }]
effects-domain-value = { $domain }：{ $value }
effects-domain-classes = { $domain }：オープン { $open }、クローズド { $closed }
unit-log_odds = 対数オッズ { $value }
unit-ratio = { $value } 倍

## 一文ずつの結果
effects-say-inflation = 公表者：スコア50 %の水準で、開発元自身の値は独立評価より { $first }、競合による値は { $rival } 高い。同じモデル・同じベンチマークの公表値の対では、開発元について { $matched }。
effects-say-held_out = 公開と非公開：オープンモデルは、非公開問題より公開問題のほうがクローズドに近く見え、その差は { $gap }。対応比較では { $matched }。非公開問題で判断した場合に遅れが延びる月数は、{ $months }。
effects-say-held_out_example = 例：{ $open } と { $closed } は、{ $public }（公開）で { $public_open } 対 { $public_closed }、{ $held }（非公開）で { $held_open } 対 { $held_closed }。
effects-say-freshness = 新しさ：ベンチマーク公開後の2年間、能力の伸びを除いた1年あたりのスコアの上昇は、{ $years }。オープン − クローズドは、{ $classes }。
effects-say-saturation = 上限付近：範囲の90 %を超えるスコアの情報量は、30〜70 %のスコアの { $ratio }。飽和したベンチマークに基づく証拠の割合は、{ $shares }。それらを除くと遅れの変化は、{ $months }。
effects-say-selection = 評価対象の選ばれ方：能力が難易度を1ロジット上回るごとに、評価される見込みは、オープンで { $open }、クローズドで { $closed } 上がる。選択項による遅れの変化は、{ $months }。
effects-say-distillation = 蒸留：公開問題から非公開問題へ移るとき、蒸留と明記されたモデルの変化は、蒸留でないと明記されたモデルと比べて { $effect }。先頭のモデルについてはほとんど明記がなく、直近18か月のオープンモデルのうち明記があるのは { $stated }。
effects-say-tellings = 複数の公表値：同じスコアのばらつき（標準偏差）は、評価主体の間で { $who }、同一評価主体のスキャフォールドの間で { $scaffold }。
effects-say-tellings_example = 例：{ $model } は { $benchmark } で { $low } と { $high } の二つの値がある。
effects-say-robustness = エージェント型と一問一答型：一問一答型を基準にすると、エージェント型でのオープンモデルの位置（クローズド比）は、{ $gaps }。
effects-say-reliability = 信頼性：3回のいずれかで解けた課題のうち3回とも解けた割合は、オープンで { $open }、クローズドで { $closed }。試行ごとの結果を公表する例は少ない。
effects-say-dependence = 依存：先頭のモデルについて知られていることのうち、開発元だけが伝えている割合の平均。{ $shares }。
effects-say-dependence_alone = 少なくとも一つの分野で、知られていることがすべて開発元によるモデル：{ $models }。
effects-not_computed = このデータについて証拠の効果は計算されていません。実行：headway lag --effects --compute
warning-effects_not_computed = このデータとオプションについて証拠の効果は計算されていません。実行：headway lag --effects --compute

## エラー
error-effects-option = { $option } は --effects では意味を持ちません。月数は公開フロンティアに対する主要な遅れのもので、証拠の種類は比較の対象そのものです。
error-effects-option-hint = { $option } を外してください。
error-effects-empty = 描くものがありません。このデータについて証拠の効果は計算されていません。
error-effects-empty-hint = 実行：headway lag --effects --compute

## 注
note-few_pairs = 公表値の対が少なすぎる（{ $need } 必要なところ { $have }）
note-few_labs = 該当する開発元が少なすぎる（{ $need } 必要なところ { $have }）
note-few_benchmarks = ベンチマークが少なすぎる（{ $need } 必要なところ { $have }）
note-few_rows = スコアが少なすぎる（{ $need } 必要なところ { $have }）
note-few_models = モデルが少なすぎる（{ $need } 必要なところ { $have }）
note-no_such_rows = この種類のスコアがない
note-prior_only = データが事前の想定をほとんど動かさない
note-not_identified = モデルやベンチマーク自体の水準と区別できない
note-kinds_are_stages = ここでは課題の種類がステージそのもので、ステージごとの得手不得手と区別できない
note-lag_without_number = 遅れが数値にならないドローが多すぎる
note-difference_unpaired = 二つの推定は行を共有するがドローを共有しないため、区間は広すぎる
note-no_flagged_frontier = 直近18か月のフロンティアのモデルに、蒸留と明記されたものがない
note-null_offset = 効果がない場合にもこの方法が見いだす { $arg } ロジットを差し引いてある
note-none_of_rows = 該当スコアは0件（集計値）
note-all_of_rows = 全スコアが該当（集計値）
note-scale_chi2 = 標本標準偏差の信頼限界

## 図
effects-chart-axis = スコア50 %でのポイント
effects-chart-gaps-axis = スコア50 %でのポイント
effects-chart-public = 公開問題
effects-chart-held_out = 非公開問題
effects-chart-example = { $open } と { $closed }（公表値のポイント）
effects-chart-dependence-axis = 証拠に占める割合（%）
