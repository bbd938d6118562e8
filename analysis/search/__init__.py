"""Search by meaning: posts similar to a text, an image or other posts, the analyst's custom topics, and themes.

All functions use the cosine similarity in the shared embedding space. For a post with several modalities, the highest
similarity counts. Scoring writes the vectors (`analysis.scoring.embeddings`). Searches by words are filters
(`analysis.query.search_syntax`).
"""

from analysis.search.posts import rank_posts
from analysis.search.targets import Target, make_example_target, make_image_target, make_text_target
from analysis.search.themes import find_themes
from analysis.search.topics import find_custom_topics

__all__ = [
    "Target",
    "find_custom_topics",
    "find_themes",
    "make_example_target",
    "make_image_target",
    "make_text_target",
    "rank_posts",
]
