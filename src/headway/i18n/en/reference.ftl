# The reference engine.
error-needs-bayes = The reference engine needs NumPyro, which is not installed.
error-needs-bayes-hint = pip install "headway[bayes]"
error-reference-not-mixed = The chains of the reference engine have not met: R-hat is { $r_hat }, the limit is { $limit } (smallest bulk effective sample size { $ess }).
error-reference-not-mixed-hint = Ask for more warm-up iterations and more draws. Nothing of these chains is used.
