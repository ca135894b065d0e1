# 分散実行のエラー
error-cluster-address = 「{ $address }」はクラスターのアドレスではありません。
error-cluster-address-hint = Dask のスケジューラーは dask://HOST:PORT、Ray Client は ray://HOST:PORT、Ray クラスターのノード上では ray-gcs://HOST:PORT と指定してください。
error-cluster-unreachable = { $address } のクラスターが応答しません（{ $why }）。
error-cluster-unreachable-hint = クラスターが動いていて、ポートに接続できるか確認してください。アドレスを省くと、このマシンで計算します。
error-cluster-code = クラスターのワーカーで、このマシンと異なるコードが動いています（相違：{ $other }）。
error-cluster-code-hint = すべてのワーカーに同じ Headway と同じ数値計算ライブラリを入れてください。そうしないと、気づかないうちに数値が変わるおそれがあります。
error-extra-missing = この処理には「{ $module }」パッケージが必要ですが、インストールされていません。
error-extra-missing-hint = pip install "headway[{ $extra }]"
