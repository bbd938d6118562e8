"""Search by meaning: posts similar to a text, an image or other posts, the analyst's custom topics, and themes.

All functions use the cosine similarity in the shared embedding space. For a post with several modalities, the highest
similarity counts. Scoring writes the vectors (`analysis.scoring.embeddings`). Searches by words are filters
(`analysis.query.search_syntax`).
"""

from analysis.search.posts import NearPosts, find_near_threshold, rank_posts
from analysis.search.targets import Target, make_example_target, make_image_target, make_text_target
from analysis.search.themes import find_themes
from analysis.search.topic_examples import make_image_example, make_post_example, make_text_example
from analysis.search.topic_vectors import (
    Suggestion,
    check_examples,
    embed_examples,
    suggest_threshold,
)
from analysis.search.topics import choose_threshold, compare_batch, find_custom_topics

__all__ = [
    "NearPosts",
    "Suggestion",
    "Target",
    "check_examples",
    "choose_threshold",
    "compare_batch",
    "embed_examples",
    "find_custom_topics",
    "find_near_threshold",
    "find_themes",
    "make_example_target",
    "make_image_example",
    "make_image_target",
    "make_post_example",
    "make_text_example",
    "make_text_target",
    "rank_posts",
    "suggest_threshold",
]
