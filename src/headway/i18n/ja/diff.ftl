# headway data diff: 2つのリリースの違いと、それで動いた結果・その原因

diff-side = { $name }（リリース { $release }、スコアは { $day } まで）
diff-head = 変更前: { $before }
    変更後: { $after }
diff-same = どちらも同じデータです: { $before } と { $after }。表に違いがないため、結果も変わりません。

## 結果
diff-lead-lags = { $day } 時点の遅れ { $total } 件のうち { $moved } 件が、シミュレーションの誤差を超えて動いています:
diff-lead-no_lag = シミュレーションの誤差を超えて動いた遅れはありません（{ $day } 時点、{ $total } 件）。
diff-lead-unjudged = シード { $seeds } 個では（3個以上が必要）、遅れ { $total } 件がシミュレーションの誤差を超えて動いたかどうかは分かりません（{ $day } 時点）。
diff-lead-verdicts = 判定 { $total } 件のうち { $flips } 件が変わりました。うち { $firm } 件は、変更前・変更後ともすべてのシードで判定がそろっています。
diff-lead-verdicts-unsure = 判定 { $total } 件のうち { $flips } 件が変わりましたが、すべてのシードで判定がそろうものはありません（変更前か変更後の値が境界の近くにあります）。
diff-lead-no_verdict = 判定 { $total } 件はいずれも変わっていません。
diff-sentence-moved = { $part }: { $before } → { $after }（シード平均の差 { $difference }）
diff-sentence-state = { $part }: { $before } → { $after }
diff-sentence-flip = { $claim }（{ $part }）: { $before } → { $after }
diff-sentence-join = {"。"}
diff-cause-most = 主因は { $cause }、単独で { $difference }
diff-cause-several = 複数の原因によるもので、単独で大半を説明する原因はない
diff-cause-only = 原因となり得る変更は { $cause } のみ
diff-cause-models = モデルの公開日とアクセス
diff-cause-benchmarks = ベンチマークの登録内容
diff-cause-others = その他 { $count } 件の合計
diff-cause-brings = { $cause }（新規: { $models }）
diff-cause-members = { $cause }: { $members }
diff-leader-open = オープンのフロンティアは { $before } から { $after } へ
diff-leader-closed = その水準に最初に達したクローズドモデルは { $before } から { $after } へ
diff-lags = { $day } 時点の遅れ（月数）:
diff-causes = 動いた遅れに対する各原因の単独の効果（シード平均。括弧内は誤差の範囲内。--by model でモデル別、--by source で出典別）:
diff-changed_by = 変更の出どころ（行数）:
diff-no_cause = 結果の根拠となるもの（スコア、モデル、アクセス、ベンチマーク）に違いはないため、結果は同じです。
diff-verdicts = 変わった判定:
diff-by_seed = { $verdict }（{ $total } シード中 { $seeds }）
diff-to = { $after }へ
diff-plus_minus = { $value } ± { $floor }
diff-from_to = { $before } → { $after }
diff-stage = { $domain }・{ $stage }
diff-at_most = 上限のみ
diff-noise = 変更前・変更後とも、乱数の同じ { $seeds } 個のシードで計算しています。変更前・変更後・差の列は最初のシードの値、± は平均の差がシードの偶然で動き得る幅（95 %）です。「単独」は、変更前のリリースにその変更だけを加えた場合です。各原因の合計との残差は相互作用で、2つの出典が同じことを重ねて示す場合や、そろって初めて効く場合に生じます。
diff-noise-unknown = シード { $seeds } 個ではシミュレーションの誤差を測れません。{ $least } 個以上が必要です（--seeds 5）。
diff-says-same = 同じ
diff-says-within_noise = 誤差の範囲内
diff-says-moved = 動いた
diff-says-state_changed = 状態が変化
diff-says-state_unsure = 状態が変化（シードにより異なる）
diff-says-no_number = 比べられる数値なし
diff-says-not_judged = 誤差が不明

## 列
diff-column-part = 対象
diff-column-before = 変更前
diff-column-after = 変更後
diff-column-difference = 差
diff-column-mean = シード平均の差 ± 誤差
diff-column-says = 結論
diff-column-own_date = { $name } 自身の最終日（{ $day }）
diff-column-remainder = 残差
diff-column-cause = 原因
diff-column-added = 追加
diff-column-removed = 削除
diff-column-changed = 変更
diff-column-new_models = 新しいモデル
diff-column-claim = 主張
diff-column-definition = 定義
diff-column-probability = 確率
diff-column-alone = 単独で足りる原因
diff-column-table = 表
diff-column-columns = 変わった列（行数）
diff-column-source = 出典別のスコア
diff-column-benchmark = ベンチマーク別のスコア
diff-column-change = 種別
diff-column-cells = 内容

## 表
diff-tables = 違いのある表（行数）:
diff-tables-same = 違いのない表: { $tables }。
diff-renumbered = { $count } 件のスコアは id だけが異なり、同じものとして扱っています。
diff-added = 追加
diff-removed = 削除
diff-changed = 変更
diff-cell = { $column }: { $before } → { $after }
diff-written = 変わったセルを書き出しました: { $path }

## 警告とエラー
warning-diff_same = { $before } と { $after } は同じデータです。
warning-diff_beyond = { $name } のスコアは { $data_through } までです。ここでの結果は、何も追加されないまま { $as_of } になったときのものです。
error-diff-release = リリース「{ $name }」は比較できません: { $why }
error-diff-release-hint = 「headway data list releases」で各リリースとその状態を確認できます。
error-diff-none = none はほかの種類の結果と同時に指定できません。
error-diff-none-hint = --results lag、--results tests、--results lag,tests、--results none のいずれかにしてください。
error-diff-count = { $option } には { $least } から { $most } までの数を指定してください（指定された値: { $value }）。
error-diff-count-hint = シードが多いほど誤差を確かに測れます。シードと原因を1つ増やすごとにモデルの推定が1回増えます。
error-diff-output = { $file } の拡張子からは形式が分かりません。
error-diff-output-hint = .csv か .parquet で終わるファイル名を指定してください。
