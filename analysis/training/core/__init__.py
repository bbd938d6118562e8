"""What every training shares: the loop, the data set class, losses, calibration, checkpoints, the labelled data.

Start with `loop` and `examples`.
"""
