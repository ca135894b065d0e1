# 遅れに関する主張の検定:主張、判定、頑健性、国。
# 各フィールドは言語に合わせて整形済みで渡される。

## 主張
claim-lag_6_9 = 遅れは6〜9か月である
claim-lag_6_18 = 遅れは6〜18か月である
claim-cyber_above_coding = サイバーの遅れはコーディングより大きい
claim-cyber_above_general = サイバーの遅れは一般能力より大きい
claim-static = 遅れは変化していない
claim-widening = 遅れは拡大している

## 主張の判定
claimed-supported = 支持される
claimed-contradicted = 否定される
claimed-undecided = 判定できない

## 一画面の答え
lagtest-verdict = { $claim }か。{ $answers }。
lagtest-answer = { $part }:{ $verdict }（{ $probability }）
lagtest-common = { $claim }（共通のモデル）
lagtest-between = { $low }〜{ $high }
lagtest-at_most = 最大 { $amount }
lagtest-column-claim = 主張
lagtest-column-part = 対象
lagtest-column-estimate = 推定値（{ $level } 区間）
lagtest-column-probability = 確率
lagtest-column-verdict = 判定
lagtest-column-refits = 再推定の範囲
lagtest-column-stage = サイバーの段階（確率）
lagtest-column-contrast = 遅れの月数（遅れている側 / 先行する側のモデル数）
lagtest-short-lag_mean_12m = 平均の遅れ
lagtest-short-lag_now = 現在
lagtest-short-lag_at_record = 記録更新時
lagtest-short-headway_months = 猶予期間
lagtest-range = { $low }〜{ $high }、判定が変わるのは { $refits } 回中 { $flips } 回
lagtest-rule = 定義:{ $definition }。区間と確率はリリースの偶然を含む。主張は95 %を超えれば支持、5 %未満なら否定とする。「遅れは変化していない」の百分率は、それが真の場合に同じ大きさ以上の傾きが出る確率であり、変化が年2か月未満である確率が95 %を超えた場合にだけ支持とする。
lagtest-refits = 頑健性。1つずつ除くか選び方を変えた { $count } 回の再推定:
lagtest-influence = { $claim }、{ $part }（{ $base }）。最も動かすもの:{ $most }。
lagtest-moved = { $what }（{ $probability }）
lagtest-no_refits = 頑健性:このデータとオプションでは計算していません。計算するには { $command }
lagtest-countries = 国:直近12か月の平均で、ある集団が別の集団からどれだけ遅れているか
lagtest-confounded = サイバーでは、オープンの先頭は中国のモデル（{ $open }）、クローズドの先頭は米国のモデル（{ $closed }）です。どの国のモデルが遅れているかは、オープンどうし、クローズドどうしで比べられます。公開による遅れは同じ国の中で比べられますが、データが足りる中国のクローズドモデルは { $models } 個で、米国のオープンモデルは先頭から離れています。現在のオープンの先頭の遅れが公開性によるのか中国製であることによるのかは、先頭の米国企業のオープンモデルか、先頭の中国企業のクローズドモデルがなければ分けられません。
lagtest-contrast = { $lag }（{ $behind } / { $ahead }）
lagtest-sizes = 主張が偽である架空の世界での誤判定（名目5 %）:{ $sizes }。
lagtest-size = 「{ $claim }」は { $worlds } 個中 { $size }
contrast-china_open_us_closed = 中国オープンの米国クローズドに対する遅れ
contrast-us_open_us_closed = 米国オープンの米国クローズドに対する遅れ
contrast-china_open_china_closed = 中国オープンの中国クローズドに対する遅れ
contrast-china_closed_us_closed = 中国クローズドの米国クローズドに対する遅れ
contrast-us_open_china_open = 米国オープンの中国オープンに対する遅れ
leftout-lab = 開発元 { $name } を除外
leftout-benchmark = ベンチマーク { $name } を除外
leftout-evaluator = 評価主体 { $name } を除外
leftout-scaffold = スキャフォールド { $name } を除外
leftout-country = { $name } のモデルを除外
leftout-evidence = 別の証拠:{ $name }
leftout-access = 別のアクセス記録:{ $name }
leftout-prior = 別の事前分布:{ $name }
leftout-stated = 明示されたアクセスのみ
leftout-no_named_scaffold = 名前のあるスキャフォールドをすべて除外
leftout-only_commonest_scaffold = 最も多いスキャフォールドのみ

## 単位、注記、エラー
unit-months_per_year = 年 { $value } か月
unit-probability = { $value }
note-slope_window_short = フロンティアがそろうのは { $have } か月だけで、傾きには { $need } か月が必要
note-no_draws = 値を与える標本がない
note-left_open = 半数を超える標本で決まらない
note-left_open_by_bounds = 下限値のために確率の { $share } が決まらない
note-upper_limit = 上限としてのみ分かっている
note-p_lower_limit = 下限だけが分かる標本の割合:{ $share }
note-p_upper_limit = 上限だけが分かる標本の割合:{ $share }
error-refits-options = --compute で再推定できるのは既定のオプションだけです（公開フロンティア、すべての証拠、すべてのアクセス記録、データの最終日）。
error-refits-options-hint = --frontier、--evidence、--access-basis、--as-of を外すか、--compute を外してください。

## 図
chart-probability_of_claim = 主張の確率
chart-key_claim = リリースの偶然を含む
chart-key_draws = 測定の不確かさのみ
chart-key_refits = 1つ除いた再推定
chart-claim_label = { $claim }、{ $part }:{ $probability }、{ $verdict }
finding-claims = 支持:{ $supported }。否定:{ $contradicted }。判定できない:{ $undecided }。
