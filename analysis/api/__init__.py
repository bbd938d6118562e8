"""The front door: load a model, score posts, look at charts and explanations. `import analysis` exports all of it.

`posts` reads the input, `model` scores it, `scores` holds the results, `plots` draws them, `explanation`
explains one.
"""
