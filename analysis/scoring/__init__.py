"""Scores the posts of a batch with a model, in resumable steps.

Start with `scorer`; `pipeline` and `memory` are its two sinks.
"""
