"""How good a model's predictions are on labelled posts: figures with intervals, slices and baselines.

`labelled` reads the posts, `evaluate` scores them, `metrics`, `intervals` and `slices` measure the
predictions, `baselines` are simple models to compare with, and `table` formats the results as plain text. Start with
`evaluate` and `metrics`.
"""
