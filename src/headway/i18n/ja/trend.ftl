### 傾向と、当てはめた猶予期間についての注記

note-trend_change_open = オープンウェイトの傾向に折れ目がある確率：{ $share }
note-trend_change_closed = クローズドの傾向に折れ目がある確率：{ $share }
note-trend_stale_open = ここでは { $arg } か月の間、オープンウェイトの新しいモデルにスコアがなく、傾向をこの日まで延ばせません
note-trend_stale_closed = ここでは { $arg } か月の間、クローズドの新しいモデルにスコアがなく、傾向をこの日まで延ばせません
note-extrapolated = 標本の { $share } では、観測された最長の期間を超えた値です
note-bootstrap_failed = 再抽出した履歴の { $share } では異なる待ち時間が足りず、公開時期の偶然を含めていません
