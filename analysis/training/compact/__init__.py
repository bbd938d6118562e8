"""The recipe of the shipped bundle: one module for each stage, and the model card.

Start with `recipe`, which runs the stages in order, and `text`, the first of them.
"""
