# 公開ソースの本文の読み取り。何が問題で、どう対処するか。

error-source-not-format = { $source }: { $resource } の本文は { $form } ではありません: { $why }。
error-source-not-format-hint = 取得し直してください。エラーページや途中で切れたダウンロードではこうなります。保存済みのデータは元のままです。
error-source-lfs-pointer = { $source }: { $resource } はファイル本体ではなく、大容量ファイルへのポインターです。
error-source-lfs-pointer-hint = 配布元がファイルを Git LFS に移しました。Headway 側の取得先アドレスの変更が必要です。
error-source-too-big = { $source }: { $where } は展開すると { $limit } を超えます。
error-source-too-big-hint = 何も読み込んでいません。信頼する前に、ファイルの中身を直接確認してください。
error-source-column-missing = { $source }: { $where } に { $columns } がありません。実際の列: { $found }。
error-source-column-missing-hint = 配布元の形式が変わりました。保存済みのデータは元のままです。コネクターを更新できるよう、ご報告ください。
error-source-column-twice = { $source }: { $where } に列 { $columns } が複数あります。実際の列: { $found }。
error-source-column-twice-hint = 配布元の形式が変わりました。保存済みのデータは元のままです。コネクターを更新できるよう、ご報告ください。
error-source-shape = { $source }: { $where } は JSON または YAML の { $expected } のはずですが、{ $found } でした。
error-source-shape-hint = 配布元の形式が変わりました。保存済みのデータは元のままです。コネクターを更新できるよう、ご報告ください。
error-source-unit-changed = { $source }: { $where } の単位は { $unit } のはずですが、値は { $low } から { $high } の範囲にあります。尺度が変わっています(unit_changed)。
error-source-unit-changed-hint = すべての数値が同じ倍率で誤ることになるため、何も読み込んでいません。宣言を更新できるよう、ご報告ください。
error-source-dates-changed = { $source }: { $where } の日付を一つも読み取れません。先頭の値: 「{ $example }」。
error-source-dates-changed-hint = 配布元の日付の書式が変わったか、日付が 2015 年から 2100 年の範囲の外にあります。保存済みのデータは元のままです。
error-source-empty = { $source }: { $resource } の本文に行がありません。
error-source-empty-hint = 配布元が修復中の可能性があります。保存済みのデータは元のままです。時間をおいて再試行してください。
error-source-nothing-read = { $source }: { $rows } 行のうち 1 行も読み取れません。先頭の行 { $where }: { $reason }(「{ $example }」)。
error-source-nothing-read-hint = 配布元の形式が変わりました。保存済みのデータは元のままです。コネクターを更新できるよう、ご報告ください。
error-source-draws = { $source }: { $where } にはモデルと抽出ごとに一つの数値が必要ですが、名前 { $names } 件と抽出 { $draws } 回の形が合いません。
error-source-draws-hint = 配布元の形式が変わりました。保存済みのデータは元のままです。コネクターを更新できるよう、ご報告ください。

# 各ソースの数値を読むときの注意点。
quirk-epoch-hub-external = 名前に「external」が付くファイルは他者の結果で、元の利用条件に従います。それ以外のファイルだけが公表者自身による測定です。
quirk-epoch-hub-names = 表示名だけでモデルバージョンのない行があります。どちらもない行は、読み取れなかった行として一覧に示します。
quirk-epoch-hub-units = 各ファイルの尺度は付属のメタデータによります。メタデータになく、Headway も知らないファイルは読み込みません。
quirk-epoch-eci-scale = この指数は二つのモデルを 130 点と 150 点に固定したもので、毎日推定し直されます。新旧の値はつなげません。
quirk-epoch-eci-anchors = 尺度を固定する二つのモデルには区間がありません。
quirk-models-dev-dates = 日付は、より新しいモデルを指す別名のものである場合があります。日付は他のソースを優先します。
quirk-models-dev-quotes = 結果は開発者や順位表からの引用です。引用元ページの利用条件が適用されます。
quirk-metr-versions = 課題集のバージョン間で数値は比較できません。一つのモデルが両方に現れることがあります。
quirk-metr-runs = モデルの実行に交じって、人間の実行が「human」という名前で入っています。
quirk-cybergym-reporters = 報告者は行ごとに異なります。初期の行は運営チーム、以後の多くは開発者です。エージェントと予算も異なります。
quirk-cybergym-exploitgym = 割合ではなくエクスプロイトの件数です。二つのバージョンの課題集が一つの一覧に並んでいます。
quirk-lyptus-subset = 一つのモデルは難しい課題の一部だけで実行されています。その平均は他のモデルと比較できません。
quirk-lmarena-elo = レーティングは検証済みの正答ではなく訪問者の投票によるもので、モデルが加わると変動します。
quirk-lmarena-boards = 文体を補正したレーティングと補正しないレーティングは、別の順位表です。
quirk-swe-bench-models = 項目はシステムの名前です。モデルのタグがちょうど一つの場合だけ、それをモデル名とします。
quirk-swe-bench-licence = 非営利の利用条件です。利用者自身が読み込むことはできますが、同梱はしません。
quirk-aider-stale = 2025 年 10 月以降、更新されていません。
quirk-aider-format = 2 回目の試行では、1 回目に失敗したテストが示されます。
quirk-sec-code-bench-tools = 一部の項目は、モデルにツールを組み合わせた製品です。
quirk-sec-code-bench-defence = 測っているのは安全なコードを書く力であり、攻撃能力ではありません。
quirk-sec-bench-modes = 時間切れの実行は、主な数値では未解決として数え、「completed」では除外します。そのため遅いエージェントほど後者が高くなります。
quirk-sec-bench-snapshots = 課題集はスナップショットごとに異なります。
