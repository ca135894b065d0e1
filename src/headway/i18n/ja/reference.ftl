# 参照エンジン
error-needs-bayes = 参照エンジンには NumPyro が必要ですが、インストールされていません。
error-needs-bayes-hint = pip install "headway[bayes]"
error-reference-not-mixed = 参照エンジンの連鎖が収束していません。R-hat は { $r_hat }、上限は { $limit } です（バルク有効標本数の最小値は { $ess }）。
error-reference-not-mixed-hint = ウォームアップの反復と抽出の数を増やしてください。この連鎖の結果は一切使いません。
