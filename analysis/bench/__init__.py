"""The benchmarks of `postlens bench`, one module each: scoring, cold, explain, pages, browser, cluster, texts.

Start with `scoring` and `machine`. `synthetic_posts`, `synthetic_scores` and `synthetic_batch` generate the data.
"""
