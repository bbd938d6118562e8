"""Scores the posts of a batch with a model, in resumable steps."""
