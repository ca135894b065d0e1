# データリリースの選択・固定・切り替え
data-in-use = これ以降の回答にはデータリリース { $name } を使います({ $release }、{ $day } まで。{ $folder })。
error-no-such-release = 「{ $name }」というデータリリースはありません。近い名前: { $close }。
error-no-such-release-hint = 「headway data list releases」で一覧を表示できます。フォルダーを指定する場合は release.json が必要です。
error-release-not-stored = 「{ $name }」はデータフォルダーにあるリリースではありません。あるもの: { $known }。
error-release-not-stored-hint = 「headway data list releases」で一覧を表示できます。ほかの場所のフォルダーは --data-release フォルダー で指定してください。
error-release-current = データフォルダーが指すリリースを使用できません: { $name }({ $why })。
error-release-current-hint = 「headway data use shipped」を実行するか、リリースを元に戻してください。
error-release-pointer = 使用するリリースを変更できません({ $why })。
error-release-pointer-hint = データフォルダーに書き込めるか確認してください(場所は「headway doctor」で分かります)。

# 同期の最後に行うリリースの更新。
update-made = データリリース { $name } を使い始めました({ $before } から作成)。新しいスコア { $new } 件、改訂 { $revised } 件、既出の値の再掲 { $repeat } 件。
update-same = データリリース { $name } のままです。リリースが使う { $known } 件のスコアは、出典の記載と一致しています。
update-nothing = データリリース { $name } のままです。スコアのある出典はまだ一つも取得・解釈されていません。
update-models = 新しいモデル({ $count } 件): { $names }
update-lost = 使わなかったもの: 登録のないモデルのスコア { $models } 件、リリースにない試験のスコア { $tests } 件、あり得ない値 { $impossible } 件。更新されたリリースの changes.csv に一件ずつ理由があります。
update-breaches = 出典の記載と合わなくなったため使わなかった訂正: { $names }。「headway data list corrections」で内容を確認し、Headway にお知らせください。
update-diff = これにより動く結果の確認: headway data diff { $before }
update-failed = リリース { $name } を引き続き使います。出典のスコアを統合できませんでした: { $text }
error-release-write = データリリースを書き込めません({ $why })。
error-release-write-hint = データフォルダーの空き容量と権限を確認してください(場所は「headway doctor」で分かります)。使用中のリリースは変わりません。
error-releases-busy = 別のプロセスが { $seconds } 秒以上データリリースを書き込んでいます。
error-releases-busy-hint = 終了してからもう一度お試しください。
harmonise-unlisted = リリースにこの試験はありません({ $value })。
harmonise-left-out = { $value }
harmonise-no-benchmark = 使用中のリリースにベンチマーク { $value } がありません。
harmonise-no-model = { $value } がどのモデルか、どの出典からも分かりません。
harmonise-no-source = 使用中のリリースに出典 { $value } がありません。
harmonise-no-items = 問題数のない件数です({ $value })。
harmonise-not-finite = 有限の数ではありません({ $value })。
harmonise-outside = 試験の範囲外です({ $value })。
harmonise-no-date = 日付ではありません({ $value })。
harmonise-future = まだ来ていない日付です({ $value })。
