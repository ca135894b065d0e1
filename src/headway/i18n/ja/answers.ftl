# 遅れについてのその他の問いに答えるレポートの節
section-test = よく聞く主張は正しいか
section-reconcile = 公表値はなぜ食い違うのか
section-forecast = オープンウェイトのモデルはいつ追いつくか
section-backtest = 過去の予測はどれだけ当たったか
section-effects = スコアはどこまで信じられるか
section-sauce = コーディング能力では説明できない部分
section-harness = 重みか、ハーネスか
section-density = 同じ能力のモデルはどこまで小さくなるか
nav-test = 主張
nav-reconcile = 公表値
nav-forecast = 予測
nav-backtest = 検証
nav-effects = スコア
nav-sauce = サイバー固有
nav-harness = ハーネス
nav-density = 規模
question-test = 遅れは 6〜9 か月か、6〜18 か月か。サイバーの遅れはコーディングより大きいか。遅れは一定か。それぞれの主張を、判定規則を明示した検定として確かめ、考えられるほかの選択のもとでも繰り返します。
question-reconcile = 公表された遅れを、それぞれのデータと規則で計算し直します。そのうえで選択を一つずつ変え、何か月動くかを示します。
question-forecast = ダウンロードできるモデルがクローズドモデルの水準に達する時期を、トレンド、過去の待ち時間、同じ能力に必要な規模から予測します。
question-backtest = 当時わかっていたことだけを使って過去の予測をやり直し、あらかじめ決めた単純な規則と比べます。
question-effects = 誰が評価したか、問題が公開されているか、どれだけ新しいか、そもそも誰が評価されたか。それぞれがスコアをどれだけ動かすかを示します。
question-sauce = サイバー能力の一部はコーディング能力と一般能力に伴います。残りは、それを超えてモデルが持つものです。
question-harness = 同じ重みでも、スキャフォールドや予算が違えばスコアは変わります。それは何か月分に当たるでしょうか。
question-density = 同じ能力に必要なパラメータ数は時とともに減ります。その速さと誤差を示します。
answer-command = 端末では、どの選択も変えながら同じ結果を見られます：
answer-none = このデータについては計算されていません。計算するには：
answer-other_day = この検討は全データ（{ $through }まで）で判定するため、それより前の日のレポートには載せません。端末では：
answer-more = 続きを読む（{ $count } 文）
answer-confounded = サイバーのフロンティアでは、公開性と国の影響を分けられません。オープンの先頭（{ $open }）とクローズドの先頭（{ $closed }）は両方が異なるためです。比べられるものは国の表にあります。
answer-no_target = { $target } はこのデータにありません。別のモデルについては：

## 最初の画面
brief-title = 判定のまとめ
brief-more = 詳しく：{ $section }
answer-probability = 確率 { $share }
answer-target = { $target } の水準に達するオープンモデル：{ $cell }
answer-reached = すでに達している確率
answer-even_odds = 確率が五分五分になる時期
answer-interval = 時期の { $level } 区間
answer-dates = { $low }〜{ $high }

## 図の見出しと数
finding-forecast = { $cell }：オープンモデルが { $target } の水準に達する確率が五分五分になる時期：{ $median }（{ $low }〜{ $high }）
finding-backtest = 過去の予測の平均誤差（混合予測と最良の素朴な予測）：{ $list }
finding-backtest_item = { $vintage } { $ours } 対 { $theirs } か月（{ $baseline }）
finding-effects_gaps = オープンとクローズドの差が公開問題と非公開問題でどれだけ違うか：能力モデルでは{ $model }、対応のある比較では{ $matched }
finding-effects_forest = スコア50 %の点で、開発元自身の値は独立した評価より { $first }高く、競合の値は { $rival }高い
finding-effects_dependence = サイバー：フロンティアの { $total } モデルのうち { $count } モデルで、証拠の半分超が開発元のみによるもの
answer-figures = 公表値 { $count } 件
answer-records = モデルと部分 { $count } 件
answer-scores = スコア { $count } 件
answer-sized = 規模の分かっているオープンモデル { $count }
answer-orders = { $count } 通りの順序の平均
answer-targets = 結果の出た目標 最大 { $count } 件

## 図の読み方
answer-claims_key = 大きな点：公開時期の偶然を含む確率。白抜き：測定のみ。細い線：何かを除くか選び方を変えた再推定（同じ値は重なります）。破線：判定の境になる5 %と95 %。
answer-path_key = 棒は選択を一つ変えるごとの動きです。標本がある場合は、その区間を線で示します。各段の合計は、全体の差に正確に一致します。次の図のどの二つの値の間でも、コマンドで同じ図を作れます。
answer-published_key = ひし形：公表値。丸：公開データから公表者の規則で計算し直した値。線は、公開データを別に読んだときの範囲です。入力が公開されていない値は表だけにあります。
answer-forecast_key = 上：オープンウェイトモデルがその水準に達している確率と、もとになる予測。下：部分ごとの中央値（点）、中央の半分（太線）、90 % 区間（細線）。
answer-backtest_key = 左右は混ぜません。「厳密」は日付そのものを持つ行だけを使い、もう一方は日付を復元した行も使います。棒が短いほど良い予測です。下：結果が予測分布のどの十分位に入ったか。
answer-gaps_key = 公開問題でオープンモデルが近く見えるほど、線は公開問題から非公開問題へ下がります。線は領域ごと。破線は、同じ評価での2モデルの例です（点数は公表のまま）。
answer-effects_key = スコア50 %の点でのポイントと90 % 区間。丸：能力モデルの項。ひし形：同じモデルとベンチマークの対応のある比較。印のない行には理由を書いています。
answer-dependence_key = 塗り：開発元だけが示した証拠の割合。枠線：競合の値を加えた割合。残りは独立した証拠です。コーディングと一般能力は表にあります。
answer-sauce_key = 公開日の時点で、モデルがクローズドのフロンティアの傾向より何か月先にいたかと、その区間。下：サイバーの部分ごとの値。
answer-harness_key = より良いスキャフォールド、より大きな努力や予算が、公開クローズドのフロンティアの進歩の何か月分に当たるかと、その区間。推定できない部分は表にあります。
answer-density_key = 点：規模の分かっているオープンモデル。帯のある線：一定の水準に典型的なモデルが必要とするパラメータ数。破線の階段：その水準に達した最小のモデル。

## 表
answer-column-process = 推定値（公開時期の偶然を含む { $level } 区間）
answer-column-measured = { $level } 区間（測定）
answer-column-probability_measured = 測定のみの確率
answer-column-error = 誤差（打ち切り CRPS、月）
answer-column-measure = 指標
answer-column-group = 対象
answer-column-basis = 方法
answer-column-estimate = 推定値
answer-column-n = n
answer-table_definitions = 定義ごとの確率
answer-table_stages = サイバーの段階ごとの主張
answer-table_countries = 国：直近12か月の平均で、ある集団が別の集団からどれだけ遅れているか
answer-table_published = すべての公表値
answer-table_components = 予測の内訳と素朴な予測
answer-table_changes = 予測を変えるもの
answer-table_basis = 検証のもとになるデータ
answer-table_effects = すべての効果
answer-sauce_structures = サイバー能力のうちコーディングと一般能力で説明できる割合
answer-density_rates = 半減期

## 目次の見出し
navigation-lag = 結果
navigation-time = 時間の経過
navigation-ground = 根拠
navigation-method = 方法とデータ
