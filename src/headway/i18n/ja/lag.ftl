# 「遅れ」に関する語彙:領域、段階、定義、状態、注記、警告、注意点。

## 単位と数値
unit-months = { $value } か月
unit-points = { $value } ポイント
unit-proportion = { $value }
interval-both = { $low }〜{ $high }
interval-no_high = { $low } 以上
interval-open_low = 「オープンが先行」〜{ $high }
interval-open_low_no_high = 下端は「オープンが先行」、上限は不明
interval-up_to = { $high } まで
interval-all_open = 区間全体で「オープンが先行」
list-separator = 、
unknown = 不明
none = なし

## 領域と段階
domain-cyber = サイバー
domain-coding = コーディング
domain-general = 一般
stage-all = 全段階
stage-find_reproduce = 脆弱性の発見と再現
stage-exploit = エクスプロイト開発
stage-range = 多段階の演習ネットワーク
stage-ctf_mixed = CTF（混合）
stage-command_line = コマンドライン作業
stage-knowledge = セキュリティ知識
stage-defensive = 防御的タスク

## 定義
definition-lag_mean_12m = 直近12か月の平均の遅れ
definition-lag_now = 現在の遅れ
definition-lag_at_record = 直近のオープン記録更新時の遅れ
definition-headway_months = 猶予期間（中央値）
definition-lag_trend = 傾向線どうしの間隔
definition-gap = 現在の能力差
about-lag_mean_12m = 直近12か月のすべての日について遅れを平均した値です。1つのモデルの登場で急に動かないため、このレポートの主要な数値としています。
about-lag_now = 基準日時点で最良のオープンウェイトモデルの水準に、クローズドモデルがどれだけ前に達していたかを示します。次にオープン側が記録を更新するまで、1日ごとに1日ずつ長くなります。
about-lag_at_record = 最良のオープンウェイトモデルが最後に更新された日に測った遅れです。公表されている数値の多くはこの定義で、更新後の待ち時間を含みません。
about-headway_months = 前向きに測った期間です。クローズドモデルが記録を更新してから、それに並ぶ最初のオープンウェイトモデルが出るまでの時間を表します。まだ並ばれていない記録は「待機中」として扱うため、中央値が下限になることがあります。
about-lag_trend = 両フロンティアの記録に当てはめた傾向線（記録が示すところでは折れ目を持つ）の水平方向の間隔です。能力尺度の目盛りを変えると値も変わるため、参考値としてお読みください。
about-gap = 基準日における能力の差で、尺度のポイントで表します。時間ではなく、目盛りを変えると値も変わります。

## フロンティア、グループ、証拠
frontier-public = 公開クローズドのフロンティア
frontier-restricted = 限定公開を含むクローズドのフロンティア
group-open_weight = オープンウェイト
group-closed_public = クローズド（公開）
group-closed_restricted = クローズド（限定公開）
group-closed_any = クローズド（限定公開を含む）
group-unknown = 公開状況が不明
evidence-all = すべての証拠
evidence-independent = 独立した評価主体のみ
evidence-held_out = 非公開問題のベンチマークのみ
evidence-first_party = 開発元による報告のみ
about-evidence-all = 利用できるすべてのスコアを一度ずつ数え、誰がどのように測ったかを補正しています。
about-evidence-independent = 第三者機関、学術機関、政府が測定したスコアです。開発元や競合企業による測定は含みません。
about-evidence-held_out = 問題が公開されておらず、学習に使われた可能性が低いベンチマークです。
about-evidence-first_party = 開発元が自社モデルについて報告したスコアです。

## 状態
state-estimated = 推定値あり
state-open_leads = オープンが先行
state-censored = 下限のみ
state-at_least = 少なくとも { $amount }
state-not_estimable = 推定不能
about-state-estimated = データから数値と区間を求められます。
about-state-open_leads = その日までに、この水準に達したクローズドモデルがデータにありません。
about-state-censored = 下限だけが分かっています。データ中の最初のクローズドモデルがすでにその水準にあるか、まだ待機が続いている場合です。
about-state-not_estimable = データが足りず、数値を出せません。何が足りないかを示します。
quantity-interval = { $amount }（{ $level } 区間：{ $interval }）
quantity-reason = { $amount }（{ $reason }）
quantity-zero = { $amount }（{ $why }）

## 注記
note-unlisted = 注記「{ $arg }」
note-no_interval = 区間は計算されていません
note-history_gap = この日に比較できるモデルが足りません
note-too_few_open = 十分なデータのあるオープンウェイトモデルが足りません（必要数 { $need } に対して { $have }）
note-too_few_closed = 十分なデータのあるクローズドモデルが足りません（必要数 { $need } に対して { $have }）
note-no_scores = この区分のスコアがありません
note-few_bridges = オープンとクローズドの両方を含むベンチマークが足りません（必要数 { $need } に対して { $have }）
note-no_open_models = ここにスコアのあるオープンウェイトモデルがありません
note-no_closed_models = ここにスコアのあるクローズドモデルがありません
note-no_informative_open_models = 十分な精度で測られたオープンウェイトモデルがありません
note-no_informative_closed_models = 十分な精度で測られたクローズドモデルがありません
note-no_informative_models = 十分な精度で測られたモデルがありません
note-p_censored = 下限しか分からない確率：{ $share }
note-open_leads_days = { $share } の日でオープンが先行（0 として計算）
note-zero_open_leads_days = { $share } の日でオープンが先行
note-score_moved = 読み取り誤差だけスコアを上 / 下に動かすと { $arg } か月
note-window_partial = 12か月のうち { $arg } か月分だけの平均です
note-window_not_covered = 12か月のうち { $arg } か月分しかなく、平均を出せません
note-before_first_closed = その日のデータにはクローズドモデルがまだありません
note-draws_failed = 標本の { $share } で値を得られませんでした
note-not_invariant_to_rescaling = 能力尺度の目盛りを変えると値が変わります
note-process_one_lab_open = オープンウェイトモデルの開発元が1つだけのため、公開時期の偶然を小さく見積もっています
note-process_one_lab_closed = クローズドモデルの開発元が1つだけのため、公開時期の偶然を小さく見積もっています
note-too_few_open_records = 傾向を求めるにはオープンの記録が足りません（必要数 { $need } に対して { $have }）
note-too_few_closed_records = 傾向を求めるにはクローズドの記録が足りません（必要数 { $need } に対して { $have }）
note-too_few_record_setters = クローズドの記録が足りません（必要数 { $need } に対して { $have }）
note-record_setters = クローズドの記録数：{ $arg }
note-open_release_clusters = それに並んだオープンの公開数：{ $arg }
note-after_as_of = 基準日より後のため除いた行数：{ $arg }
note-index_no_uncertainty = 指数に標準誤差がないため、区間を示せません
note-p_open_leads = オープンが先行している確率：{ $share }

## データに応じた警告
warning-pseudo_vintage = スコアの { $share } には固有の日付がありません。モデルとベンチマークの両方が公開された日から数えているため、過去の推移は実際より多くの情報に基づいて見えることがあります。
warning-beyond_data = 基準日がデータの最後のスコア（{ $data_through }）より後です。それ以降の情報はここには含まれていません。
warning-inferred_access = { $count } 個のモデルの公開区分は、出典の記載ではなくモデル系列の名前から推定したものです。
warning-undated_models = { $count } 個のモデルは公開日が分かりません。表には載せていますが、フロンティアの計算には使っていません。
warning-not_converged = { $domain }の当てはめが許容誤差に達する前に止まりました。区間が狭すぎる可能性があります。
warning-first_party_share = { $domain }のスコアの { $share } は、モデルの開発元が報告したものです。
warning-not_estimable = { $domain }：手元のデータからは遅れを推定できません。

## 常に当てはまる注意点(重要な順)
caveat-scores_not_ability = スコアは能力そのものではありません。ベンチマークの問題が学習データに混入することがあり、ハーネスや推論予算もさまざまで、何を公表するかは開発元が選びます。記録のある要因は補正していますが、残りは数値に含まれたままです。
caveat-public_record = 対象は公開された記録だけです。結果が公表されていないモデルは現れないため、クローズド側の実際のフロンティアは、公表スコアが示すより高い可能性があります。
caveat-selection = 強いモデルほど難しいベンチマークで試されます。スコアの欠測は無作為ではなく、遅れの推定をずらすことがあります。
caveat-past = 遅れは過去を表す数値です。一定ではなく、次のクローズドモデルにいつ並ぶかを示すものでもありません。
caveat-few_models = どのフロンティアも、少数の開発元の少数のモデルに支えられています。新しい公開やスコアの訂正が1つあるだけで、数値が数か月動くことがあります。該当するモデルは「区間を左右するモデル」の節に示しています。
caveat-access_dates = オープンウェイトモデルは重みをダウンロードできるようになった日から、クローズドモデルは開発元の外で初めて使われた日から数えます。発表だけでは数えません。
caveat-restricted = 主要な数値は、一般に公開されているクローズドモデルとの比較です。限定公開のモデルは第二のフロンティアとして併記しています。
caveat-coverage = 区間は測定誤差と公開時期の偶然を反映しています。すべての出典に共通する誤りは反映していません。
caveat-narrow = ここで扱うベンチマークで並んでも、実務で同じように役立つとは限りません。費用、速度、周辺ツールはこのレポートの対象外です。
caveat-no_safety = このレポートは、モデルを公開すべきかどうかを述べるものではありません。測っているのは時間であり、害の大きさではありません。
