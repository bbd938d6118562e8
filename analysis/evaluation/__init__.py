"""How good a model's answers are: figures with intervals, slices and baselines, on posts that people labelled.

`labelled` reads the posts, `evaluate` scores them, `metrics`, `intervals` and `slices` measure the answers,
`baselines` are what the model has to beat, and `table` writes it all as plain text.
"""
