# headway place：未公開モデルをフロンティアと比べる。

place-title = { $model }：スコア { $rows } 件のうち { $used } 件を使用（{ $as_of } 時点、データリリース { $release } と比較）。何も保存していません。
place-left-index = 不使用：複数のベンチマークをまとめた指数のスコア { $number } 件（証拠にはその構成要素を使います）。
place-left-not_used = 不使用：推定に使わないベンチマークのスコア { $number } 件（理由は「headway data show ベンチマーク名」で確認できます）。
place-left-aggregate = 不使用：構成要素のスコアも与えられている集計値 { $number } 件。
place-left-lower_effort = 不使用：同じベンチマークにより高い推論努力の結果があるスコア { $number } 件。
place-left-other = 不使用：{ $number } 件（{ $reason }）。
place-none = これらのスコアから推定できる区分はありません。何が足りないかは表に示します。
place-sentence = { $cell }：{ $model } は、クローズドモデルが { $date } に到達した水準に相当します（{ $level } 区間：{ $interval }）。公開済みのすべてのオープンウェイトモデルを上回る確率は { $above } です。
place-sentence-ahead = { $cell }：{ $model } は公開済みのすべてのクローズドモデルを上回ります（{ $level } 区間：{ $interval }）。公開済みのすべてのオープンウェイトモデルを上回る確率は { $above } です。
place-ahead = クローズドモデルより先行
place-or_before = { $date } またはそれ以前
place-end-ahead = クローズドモデルより先行
place-end-before = 最初のクローズドモデルより前
place-with-interval = { $amount }（{ $interval }）
place-column-date = 相当するクローズドの時点
place-column-interval = { $level } 区間
place-column-lag = そこからの遅れ
place-column-uplift = 最良のオープンモデルに対する上積み（{ $level } 区間）
place-column-above = 全オープンを上回る確率
place-column-scores = スコア数
place-column-ratio = 事後 sd / 事前 sd

note-no_own_scores = この区分のスコアが与えられていません
note-own_scores_too_few = 与えられたスコアでは情報が足りません（事後標準偏差は事前の { $have } 倍、{ $need } 倍以下が必要）
note-p_ahead_of_closed = クローズドモデルより先行している確率：{ $share }
note-p_before_first_closed = 限界しか分からない確率：{ $share }
note-posterior_probability = 事後標本の割合（不確かさは標本に含まれています）
note-from_other_parts = このモデルの他の区分だけから推定
warning-place_registered = 「{ $model }」は登録済みの名前です。ファイル中の行は別の新しいモデルのものとして位置づけ、登録済みのモデルはそのまま残します。
