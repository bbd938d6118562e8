"""Search by meaning: posts near a text, posts similar to a post, the analyst's custom topics, and themes.

All functions use the cosine similarity in the shared embedding space. For a post with both,
the higher similarity counts. Scoring writes the vectors (`analysis.scoring.embeddings`); only embedding a text needs
PyTorch.
"""

from analysis.search.posts import find_similar_posts, keep_found_posts, rank_posts, search_posts
from analysis.search.themes import find_themes
from analysis.search.topics import find_custom_topics

__all__ = [
    "find_custom_topics",
    "find_similar_posts",
    "find_themes",
    "keep_found_posts",
    "rank_posts",
    "search_posts",
]
