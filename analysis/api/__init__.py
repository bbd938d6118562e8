"""The high-level API: load a model, score posts, and show charts and explanations. `import analysis` exports it.

`posts` reads the input, `model` scores it, `scores` holds the results, `plots` draws them, `explanation`
explains one.
"""
