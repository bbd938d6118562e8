"""Evaluates predictions on labelled posts: metrics with confidence intervals, slices and baselines.

`labelled` reads the posts, `evaluate` scores them, `metrics`, `intervals`, `slices` and `groups` evaluate the
predictions, `baselines` are simple models for comparison, and `table` formats the results as plain text. Start with
`evaluate` and `metrics`.
"""
