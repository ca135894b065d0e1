# headway data release。

release-progress = 公開中
release-cut = リリース { $name } を作成しました: { $files } ファイル、{ $rows } 行。release.json の SHA-256: { $fingerprint }
release-valid = リリース { $name } に問題はありません: { $files } ファイル、{ $rows } 行。release.json の SHA-256: { $fingerprint }
release-invalid = リリース { $name } は作成時のものと一致しません。問題: { $problems } 件。
release-changes = { $since } からの変更: { $added } 行を追加、{ $removed } 行を削除、{ $changed } 行を変更(CHANGELOG.ja.md)。
release-own = 自分の結果 { $rows } 件が含まれています。名前とすべてのメタデータにその旨を記しています。
release-pushed = 公開しました: { $url }(タグ { $tag })

release-problem-missing = { $file } がありません。
release-problem-damaged = { $file } は作成時のファイルと異なります: SHA-256 は { $stated }… のはずですが { $found }… です。
release-problem-unlisted = { $file } は release.json に載っていません。
release-problem-manifest = { $file } を読み取れません: { $why }。
release-problem-not_cut = { $file } には表しか載っていません。このフォルダーは「headway data release」で作成されたものではありません。
release-problem-unreadable = { $file } を Parquet として読み取れません: { $why }。
release-problem-table = { $file }: { $text }
release-problem-rows = { $file } は { $stated } 行のはずですが { $found } 行です。
release-problem-foreign_key = { $file }: { $text }
release-problem-licence = { $file } に、再公開できない出典 { $source } の行が { $rows } 行あります。
release-problem-own = { $file } に個人の結果が { $found } 件ありますが、release.json では { $stated } 件です。
release-problem-through = { $file } の最終日は { $found } ですが、release.json では { $stated } です。
release-problem-metadata = { $file } の { $about } に関する記述が、そのファイルと一致しません。

warning-release_held_back = 再公開できない出典の { $rows } 行を除きました: { $sources }。
warning-release_not_yet_known = 公知になったのがその日より後か、日付の分からないスコア { $rows } 件を除きました。
warning-release_freed = 除かれた行と重複するスコアが { $rows } 件あります。重複の印は残し、元の行の id は消しました。

error-release-verify-alone = --verify では何も作成しないため、{ $options } とは併用できません。
error-release-verify-alone-hint = これらを外すか、--verify なしで新しいリリースを作成してください。
error-release-url = 「{ $url }」はアドレスではありません。
error-release-url-hint = https://example.org/data のように書いてください。
error-release-name = 「{ $name }」はリリースの名前にできません。
error-release-name-hint = a-z、0-9、「.」「_」「-」を 64 文字以内で使い、両端は英字か数字にしてください。shipped、current、writing.lock は使えません。
error-release-exists = リリース { $name } はすでにあります。上書きは行いません。
error-release-exists-hint = 別の --name を選ぶか、--out で別のフォルダーを指定してください。
error-release-before = 隣のリリース { $name } を読み取れないため、変更点が分かりません({ $why })。
error-release-before-hint = --since で比較するリリースを指定するか、そのフォルダーを移動してください。
error-release-nothing-known = 日付の分かるスコアが残らないため、リリースの最終日を決められません。
error-release-nothing-known-hint = より後の --as-of を指定してください。
error-release-not-valid = 正しいリリースにならないため、何も書き込んでいません。{ $text }
error-release-not-valid-hint = --data-release で別のリリースを選んでください。使用中のリリースは「headway doctor」で確認できます。
error-release-offline = --push にはネットワークが必要ですが、--offline が指定されています。何も行っていません。
error-release-offline-hint = 今は --offline で作成し、後で --verify と --push を使って公開してください。

error-hub-missing = Hugging Face への公開にはパッケージ huggingface_hub が必要です。何も行っていません。
error-hub-missing-hint = pip install "headway[hub]"
error-hub-repository = 「{ $repository }」は ORG/NAME の形のリポジトリではありません。
error-hub-repository-hint = 例: --push my-org/headway-data
error-hub-no-token = Hugging Face のトークンがありません。何も行っていません。
error-hub-no-token-hint = 「hf auth login」でログインするか、HF_TOKEN を設定してください。
error-hub-tag = { $repository } には { $name } というリリース(同名のタグ)がすでにあります。変更していません。
error-hub-tag-hint = 別の --name でリリースを作成し直してください。
error-hub-refused = { $repository } にリリースを拒否されました({ $why })。作成したリリースは手元に完全な形で残っています。
error-hub-refused-hint = トークンに書き込み権限があるか確認してから、次を実行してください: { $retry }
error-hub-failed = { $repository } にリリースを送信できませんでした({ $why })。作成したリリースは手元に完全な形で残っています。
error-hub-failed-hint = 次のコマンドで再試行できます: { $retry }
