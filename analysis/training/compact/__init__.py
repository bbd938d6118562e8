"""The training recipe of the shipped bundle, with one module per stage, and its model card.

Start with `recipe`, which runs the stages in order, and `text`, the first of them.
"""
