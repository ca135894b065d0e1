# 訂正・隔離・食い違い。

error-rules-unreadable = { $file } を読み取れません({ $why })。
error-rules-unreadable-hint = 訂正も除外も行っていません。形式は docs/corrections.md を参照してください。
error-rules-key-missing = { $file } の項目 { $entry } にキー「{ $name }」がありません。
error-rules-key-missing-hint = キーを追加してください。キーの一覧は docs/corrections.md にあります。
error-rules-key-unknown = { $file } の項目 { $entry } に不明なキーがあります({ $name })。
error-rules-key-unknown-hint = つづりを直すか削除してください。不明なキーは効果を持ちません。キーの一覧は docs/corrections.md にあります。
error-rules-value = { $file } の項目 { $entry }: { $name } の値が「{ $found }」です。正しい形: { $expected }
error-rules-value-hint = 値を直してください。直すまで、このファイルの内容はまったく使われません。
error-rules-twice = { $file } に同じ id の項目が二つあります({ $entry })。
error-rules-twice-hint = 項目ごとに異なる id を付けてください。

rules-corrections-sum = 訂正は { $count } 件です。うち { $holds } 件はリリースに訂正後の値が入っており、{ $pending } 件は次のリリースで反映されます。残り { $other } 件は、リリースの値と異なるか、該当する行がありません。
rules-quarantine-sum = { $rules } 件の規則が { $rows } 件のスコアに当てはまります。隔離の印が付いたスコアは { $marked } 件です。該当する行がない規則: { $idle }
rules-quarantine-with = 回答ではこれらのスコアを除いています。含めた回答を得るには --quarantined include を付けてください。
rules-conflicts-sum = 2 回以上報告されたスコアは { $conflicts } 件(報告は計 { $tellings } 件)です。最初に異なる点: 評価主体 { $evaluator } 件、スキャフォールド { $scaffold } 件、どちらも同じ { $run } 件。
rules-conflicts-disagree = 誤差を超えて食い違うもの { $yes } 件、超えないもの { $no } 件、誤差が示されておらず判断できないもの { $unknown } 件。
rules-spread-between = { $first } と { $second }: 報告 1 件の標準偏差 { $sd } ポイント [{ $sd_low }, { $sd_high }](標本誤差を除く。含めると { $raw })、差の平均 { $mean } [{ $low }, { $high }](スコア { $scores } 件、開発元 { $labs })。
rules-spread-within = { $first } と { $second }: 報告 1 件の標準偏差 { $sd } ポイント [{ $sd_low }, { $sd_high }](標本誤差を除く。含めると { $raw })(スコア { $scores } 件、開発元 { $labs })。
rules-spread-few = { $first } と { $second }: 推定できません(スコア { $scores } 件、開発元 { $labs })。
rules-conflicts-method = 報告には順位を付け、平均はしません。区間は 90 % で、開発元を単位に再標本化しています。

note-no_order = 同じ関係どうしのため向きがありません
