"""Code shared by all training: the loop, examples, losses, calibration, checkpoints, and the labelled data.

Start with `loop` and `examples`.
"""
