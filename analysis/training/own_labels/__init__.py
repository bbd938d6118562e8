"""Training on an analyst's own labels: adapts, replaces or adds heads of a bundle, and writes a new bundle.

Start with `train`; `heads` builds the new head, and `linear` fits it. `corrections` trains on a batch's labels.
"""
