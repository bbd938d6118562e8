"""Batch and model in, score table out, in resumable steps."""
