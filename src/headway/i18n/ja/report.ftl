# レポートのページと図。

## ページの枠組み
report-title = オープンウェイトモデルはどれだけ遅れているか
report-lead = Headway は、誰でもダウンロードできる最良の AI モデルが最良のクローズドモデルから何か月遅れているかを、分野ごとに区間付きで測ります。
report-facts = 基準日：{ $as_of }。データリリース：{ $data_release }。モデル { $models }、スコア { $scores } 件、ベンチマーク { $benchmarks }、出典 { $sources }。区間はすべて { $level } 区間です。
skip-link = 結果へ移動
nav-label = 目次
theme-switch = 配色
theme-auto = 自動
theme-light = ライト
theme-dark = ダーク
section-caveats = はじめにお読みください
section-answer = 結果
section-frontiers = フロンティア：すべてのモデルと誤差
section-history = 遅れの推移
section-headway = 猶予期間：クローズドモデルに並ばれるまでの時間
section-stages = サイバーの内訳
section-evidence = 証拠の選び方による違い
section-definitions = すべての定義による値
section-trust = 区間はどこまで信頼できるか
section-drivers = 区間を左右するモデル
section-tiers = 階層別のモデル一覧
section-method = 方法のあらまし
section-sources = 出典
section-cite = 引用とダウンロード
section-provenance = 来歴
nav-caveats = 注意点
nav-answer = 結果
nav-frontiers = フロンティア
nav-history = 推移
nav-headway = 猶予期間
nav-stages = サイバー
nav-evidence = 証拠
nav-definitions = 定義
nav-trust = 信頼性
nav-drivers = 要因
nav-tiers = 階層
nav-method = 方法
nav-sources = 出典
nav-cite = 引用
all-caveats = そのほかの注意点（{ $count } 件）
back-to-top = ページの先頭へ

## 主要な結果
card-estimated = 直近12か月の平均で、最良のオープンウェイトモデルは、最良の公開クローズドモデルから { $amount }遅れていると推定されます。
card-censored = 直近12か月の平均で、最良のオープンウェイトモデルは、最良の公開クローズドモデルから{ $amount }遅れています。データ中の最初のクローズドモデルがすでにその水準にあるため、正確な遅れは分かりません。
card-open_leads = 直近12か月の大半で、最良のオープンウェイトモデルの水準に達した公開クローズドモデルがデータにありません。
card-not_estimable = データが足りず、まだ数値を出せません。不足しているもの：{ $reason }。
card-zero = 直近12か月のうち、{ $why }しています。その日は 0 として数えるため、平均の遅れの中央値は 0 になります。
card-no_reason = 理由の記録がありません
card-measurement = { $level } 区間（測定）
card-process = 公開時期の偶然も含む区間
card-restricted = 限定公開モデルを含む比較：{ $amount }
card-chances = 標本での割合：{ $list }
card-chance = { $state } { $share }
basis = { $n }（{ $clusters }）
card-basis = { $models }、{ $developers }
count-developers = 開発元 { $count }
intervals-title = 2つの区間は、2種類の不確かさを表します
intervals-measurement = 「測定の区間」は、実際に公開されたモデルを前提に、公表スコアから遅れをどこまで絞り込めるかを示します。スコアに合う能力のばらつきから求めています。
intervals-process = 広いほうの区間は、別のモデルが別の時期に公開されていたら、という偶然も含みます。開発元と公開を再抽出して求めています。遅れが変化しているか、領域間で異なるかを判断するときは、こちらをお使いください。
no-process = 計算していません

## 図の見出し(分かったこと)
finding-headline = 直近12か月の平均の遅れ（推定）：{ $list }
finding-item = { $name } { $amount }（{ $interval }）
finding-item_bare = { $name }：{ $amount }
finding-frontier = { $status ->
    [open_leads] { $domain }：最良のオープンウェイトモデルに達した公開クローズドモデルは、データにありません
    [censored] { $domain }：最良のオープンウェイトモデルは、公開クローズドのフロンティアから{ $amount }遅れています
    [not_estimable] { $domain }：遅れはまだ推定できません
   *[estimated] { $domain }：最良のオープンウェイトモデルの現在の遅れは、公開クローズドのフロンティアに対して推定 { $amount }（{ $interval }）
}
finding-history = 平均の遅れの推移：{ $list }
finding-history_none = 遅れの推移はまだ推定できません
finding-range = { $name } { $low }〜{ $high }（{ $since }以降）
finding-range_one = { $name } 約 { $high }（{ $since }以降）
finding-spread = { $name } { $low }〜{ $high }
finding-coverage = { $level } 区間が真の値を含んだ割合は、定義により { $low } から { $high } です
finding-coverage_none = 真の値と照らし合わせられる区間がありません
finding-priors = 事前分布を変えた場合の平均の遅れ：{ $list }
finding-index = 公表されている指数との比較：順位相関 { $value }（{ $interval }）
finding-headway = クローズドの記録 { $total } 件のうち { $matched } 件に、オープンウェイトモデルが並びました。待ち時間の中央値：{ $list }
finding-stages = サイバーの { $total } 段階のうち、{ $count } 段階で遅れを推定できます
finding-evidence = 独立した評価主体のスコアだけを使った平均の遅れ：{ $list }
finding-drivers = 現在のフロンティアを決めている確率が 5 % 以上のモデルは { $count } 個です
finding-tiers = データで区別できるのは順位ではなく階層です

## 図
figure-number = 図 { $number }
figure-models = モデル { $count }
figure-sources = 出典 { $count }
figure-as_of = 基準日 { $date }
figure-method = 方法
figure-data = データ表：{ $title }
figure-download = ダウンロード
figure-cite = 引用：{ $text }
figure-alt = { $finding }。数値は図の下のデータ表にあります。
figure-undated = 日付の分からない { $count } 個のモデルは、表にだけ載せています。
figure-faint = 白抜きの薄い印は、この領域のデータが足りず、フロンティアの計算に使っていないモデルです。線と帯は、フロンティアの中央値とその { $level } 区間です。破線は、限定公開を含むクローズドのフロンティアです。
figure-edge = 端に描いた印は軸の範囲外にあるモデルです（データの足りない { $count } モデル）。値は表にあります。
figure-hint = 印に触れると、名前と数値が表示されます。
figure-forest_key = 点は中央値、太い線は測定の区間、細い線は公開時期の偶然も含む区間です。右向きの三角は「少なくとも」、左向きの三角は「オープンが先行」を表します。
figure-history_key = 各日の値は、その日までの12か月の平均です。帯は公開フロンティアの測定の { $level } 区間です。
figure-history_key_now = 各日の値は、その日の遅れです。帯は公開フロンティアの測定の { $level } 区間です。
figure-history_since = 見出しの範囲は、区間の両端が分かるようになった月以降の値です。
figure-history_jump = 「少なくとも」から数値に変わる箇所では、値が一時的に跳ね上がることがあります。下限はどの数値よりも上に並べるため、変わった直後の中央値は、得られた数値のなかでも特に大きいものになるからです。線はそこで切ってあります。
figure-priors_key = 点は中央値、線は測定の { $level } 区間です。各領域の先頭の行が、このレポートのほかの部分で使っている既定の設定です。標本を別に取り直しているため、主要な数値とわずかに異なることがあります。
figure-headway_key = 段が下がる点は、オープンウェイトモデルがクローズドの記録に並んだことを示します。丸は並んだ記録、縦の短い線はまだ並ばれていない記録です。点線は半数、帯は { $level } 区間です。
download-csv = CSV
download-json = JSON
download-svg = SVG
download-spec = Vega-Lite
download-for = { $figure }の { $format }

## グラフ
chart-ability = 能力（領域ごとの尺度、ポイント）
chart-entered = 登場日
chart-lag_now = 現在の遅れ：{ $amount }
chart-months = 遅れ（か月）
chart-months_behind = クローズドのフロンティアからの遅れ（か月）
chart-since_launch = クローズドモデルの登場からの月数
chart-unmatched = まだ並ばれていない記録の割合
chart-key_bound = 下限のみ
chart-key_open_leads = オープンが先行
chart-value_interval = { $amount }（{ $interval }）
chart-name_value = { $name }：{ $value }
point-ability = { $ability } ポイント（{ $interval }）
point-no_interval = { $ability } ポイント（区間は計算されていません）
point-label = { $informative ->
    [no] { $name }。{ $group }、登場日 { $entered }。能力 { $ability }。データが足りず、フロンティアの計算には使っていません。
   *[yes] { $name }。{ $group }、登場日 { $entered }。能力 { $ability }。
}
history-label = { $month }、{ $frontier }：{ $lag }
headway-label_open = { $name }（{ $entered } 登場）：{ $months } か月たった時点で、まだ並ばれていません
headway-label_matched = { $name }（{ $entered } 登場）：{ $months } か月後に { $by } が並びました

## 列見出し
column-domain = 領域
column-stage = 段階
column-definition = 定義
column-frontier = 比較対象
column-evidence = 証拠
column-lag = 遅れ
column-headway = 猶予期間
column-interval = { $level } 区間
column-process = 公開時期の偶然も含む区間
column-state = 状態
column-model = モデル
column-lab = 開発元
column-group = グループ
column-entered = 登場日
column-ability = 能力（ポイント）
column-scores = スコア数
column-tier = 階層
column-date = 日付
column-median = 中央値
column-months = 月数
column-share_unmatched = 並ばれていない割合
column-at_risk = 対象数
column-matched_by = 並んだモデル
column-probability = フロンティアを決めている確率
column-source = 出典
column-publisher = 公表者
column-licence = ライセンス
column-use = 利用
column-rows = 行数
frontier-short-public = 公開のみ
frontier-short-restricted = 限定公開を含む
column-frontier_group = フロンティア
column-held = 真の値を含んだ割合
column-verdict = 目標との比較
column-bias = 偏り（中央値）
column-width = 幅（中央値）
column-answers = 回答数
column-refused = 推定不能の割合
column-prior = 平均の遅れ（{ $level } 区間）
column-models = オープン / クローズドのモデル
column-notes = 注記
column-basis = モデル数（開発元数）
row-models = オープン / クローズドのモデル：{ $pair }
row-notes = 注記：{ $notes }
verdict-within = 目標の範囲内
verdict-below = 下回る（区間が狭すぎる）
verdict-above = 上回る（区間が広すぎる）
bias-large = { $amount }（許容範囲を超過）
not-yet-matched = まだ並ばれていません
tier-name = 階層 { $tier }
tier-none = データ不足
tiers-note = 階層 1 が最も強いグループです。同じ階層のモデルは、その階層で最も強いモデルとデータから確実に区別できないため、階層内は名前順に並べており、順序に意味はありません。上の階層で最も強いモデルのほうが優れている確率が 95 % 以上になったところで、次の階層に分けています。データの足りないモデルはどの階層にも入れていません。
tiers-top = 領域ごとの上位の階層です。全モデルの表は「{ $section }」の各図の下にあります。
tiers-more = ほか { $count } モデル
table-of = { $figure }：{ $title }
table-alone = 表：{ $title }
table-models = この図のすべてのモデル（階層別、{ $count }）
table-frontier = フロンティアの推移
table-history = 月ごとの遅れ
table-headways = クローズドの記録と、それに並んだモデル
table-survival = 生存曲線
table-forest = この図の数値
table-coverage = 区間が真の値を含んだ割合（定義別）
table-filter = 表を絞り込む
table-filter_hint = モデル名、開発元、グループ
table-empty = 該当する行がありません。この部分はまだデータが足りません。

## 区間の信頼性
trust-coverage = 実際のデータの欠け方（どのモデルが、何で、誰によって、いつ試されたか）をそのまま残した { $worlds } 個の架空の世界を作り、能力とスコアだけを引き直します。そのため、真の遅れが分かっています。多くの世界はこのレポートのモデルに従い、残りは意図的にモデルから外しています（裾の重い分布、段階的な進歩、自社モデルに甘い開発元、時とともに易しくなるベンチマーク）。どの世界も実際のデータとまったく同じ手順で推定し、測定の { $level } 区間が真の遅れを含んだ割合を数えました。目標は 85 % から 95 % です。
trust-judged = 偏りは「推定値 − 真の値」です。0.5 か月と、幅の中央値の5分の1のうち、大きいほうを超えないことを目安とします。「推定不能」は、データが足りず数値を出さなかった場合です。同じ世界から得た回答は互いに関連するため、割合そのものには区間を付けていません。世界が { $worlds } 個なので、最大で { $margin } ポイントほどの誤差がありえます。公開時期の偶然も含む広い区間は、ここでは検証していません。また、実際の出典すべてに共通する誤りは、どのシミュレーションでも見つかりません。
trust-priors-title = 事前分布を変えるとどうなるか
trust-priors = 事前分布とは、スコアを見る前に何をありそうと考えるかを定めたものです。ここでは一度に1か所だけを変え、すべてを推定し直しています。
trust-offsets = 「公開区分ごとの領域差を認めない」場合に最も大きく動くのは{ $domain }で、既定の設定の { $default }に対して { $without }になります。この項を除くと、領域ごとの能力のずれは、オープンもクローズドも区別なく 0 を中心とみなされます。スコアが少ないところでは、調べたい差そのものがほかの領域の差へ引き寄せられて縮むため、既定の設定ではこの項を残しています。オープンモデルの遅れはどの領域でも同じだと考える場合は、この行をお読みください。
trust-index = Epoch AI の能力指数（2026年9月）は、推定には使っていません。両方に含まれる { $models } モデル（開発元 { $developers }）について、この指数の順序と本レポートの「一般」領域の能力の順序を比べると、順位相関は { $value }（{ $level } 区間：{ $interval }、開発元の再抽出による）です。能力の区間を直線で指数の尺度に移すと、指数の値の { $covered } がその中に入ります。指数自体の誤差は公表されていないため、この割合は低めに出ます。
trust-index-limit = この指数は、ここでも使っているベンチマークから作られています。したがって、一致は方法の裏付けにはなりますが、スコアの正しさの裏付けにはなりません。
trust-none = このデータについては計算していません。保存済みの検証結果は特定のデータリリース、基準日、方法にだけ当てはまるため、別の条件での数値は表示しません。計算するには「{ $command }」を実行してください。
prior-default = 既定の設定
prior-parallel_trends = オープンとクローズドの傾向を平行にする
prior-no_domain_offsets = 公開区分ごとの領域差を認めない
prior-trends_twice_as_free = 傾向と領域差の自由度を2倍にする
prior-trends_half_as_free = 傾向と領域差の自由度を半分にする
prior-scales_less_informed = 効果の大きさをほぼ事前分布なしで決める
prior-knots_every_half_year = 傾向が半年ごとに曲がれるようにする

## 方法
method-1-title = スコアから能力へ
method-1 = すべてのモデルが同じベンチマークで試されることは、まずありません。そこで統計モデル（項目反応理論）を使い、公表されたすべてのスコアをまとめて読み取ります。ベンチマークごとに難しさ、モデルごとに領域別の能力を置き、ハーネス、推論予算、評価主体、まぐれ当たりを別の項として扱います。証拠は一度だけ数えます。すでに含まれているベンチマークの平均値は使いません。
method-2-title = 1 ポイントの意味
method-2 = { $domain }：{ $anchors }。10 ポイント上がると、典型的なタスクを解けるオッズが { $odds } 倍になります。半分の割合で解けるタスクなら、{ $share } の割合で解けるようになります。
method-2-anchor = { $name } を { $points }と定めます
method-3-title = 能力から月数へ
method-3 = オープンのフロンティアはその日までで最良のオープンウェイトモデルの能力、クローズドのフロンティアは最良のクローズドモデルの能力です。ある日の遅れは、その日のオープンの水準にクローズド側が初めて達してから経過した時間です。能力の標本ごとに計算します。1 か月は 30.4375 日とします。
method-4-title = フロンティアの計算に使うモデル
method-4 = ある領域のスコアによって能力の不確かさが事前の 0.7 倍以下まで狭まったモデルだけを、その領域のフロンティアの計算に使います。それ以外のモデルは薄い印で示し、表にも載せます。この規則がないと、測定の不十分な古いモデル1つで遅れが1年以上動くことがあります。
method-5-title = 状態
method-5 = どの遅れにも4つの状態のいずれかを付け、除外することはありません。
method-6-title = 階層
method-6 = 領域ごとに、能力の中央値が最も高いモデルを階層 1 の先頭とします。中央値の高い順に見ていき、標本の 95 % 以上で階層の先頭のモデルのほうが高ければ次の階層の先頭とし、そうでなければ同じ階層に入れます。標本ごとに両者を比べるため、2つのモデルに共通する誤差は打ち消し合います。したがって、同じ階層の中に確かな順序はありません。また、測定の不十分なモデルは、上の階層のすべてのモデルより確実に弱いとは言えなくても、下の階層に入ることがあります。
method-7-title = 丸め
method-7 = 数値は区間に見合う桁に丸めています。ファイルでは元の精度を保っています。

## 出典、引用、来歴
licence-none_stated = 記載なし
licence-text_of_a_paper = 論文の本文
licence-facts_of_a_public_body = 公的機関の公表事実
licence-facts = 事実
licence-terms_of_the_original_not_read = 原典の条件（未確認）
licence-terms_of_the_original_board_or_report = 原典の順位表・報告書の条件
licence-terms_restrict_republication = 再公開を制限する条件
licence-microsoft_research_licence_terms = Microsoft の研究用ライセンス条件
decision-ship = 行を収録
decision-cite_facts = 事実のみ引用
decision-connector_only = 収録せず（接続のみ）
sources-note = Headway が収録するのは事実（名前、日付、数値、アドレス）だけで、どの行にも出典があります。数値のもとになった行は「headway data show ID」で確認できます。
sources-shown = 各行は個別のアドレスを持ちます。「headway data list」で一覧できます。
cite-text = Headway（データリリース { $data_release }、バージョン { $version }）：領域別のオープンウェイトの遅れ、基準日 { $as_of }。
cite-figure = Headway、データリリース { $data_release }、バージョン { $version }、図「{ $figure }」、基準日 { $as_of }。
cite-note = 図を利用する際は、そのもとになった出典も併せて引用してください。
download-note = このレポートの全内容は、元の精度のままこのファイルに埋め込まれています。
download-all-json = すべてをダウンロード（JSON）
download-lags-csv = すべての遅れをダウンロード（CSV）
download-models-csv = すべてのモデルをダウンロード（CSV）
download-script = ダウンロードにはスクリプトの許可が必要です。表はスクリプトなしで読めます。
provenance-note = 来歴が同じレポートは、同じ数値を示します。
provenance-code = コードのバージョン
provenance-data = データリリース
provenance-through = データの最終日
provenance-as_of = 基準日
provenance-rows = 使用した行のハッシュ
provenance-seed = シード
provenance-level = 区間の水準
provenance-options = オプション
provenance-other = { $key }
footer = Headway は測定します。何をすべきかは述べません。
