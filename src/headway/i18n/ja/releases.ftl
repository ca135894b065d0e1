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
