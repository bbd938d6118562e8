"""Search by meaning: posts near a text, posts similar to a post, and the analyst's custom topics.

Everything here is cosine similarity in the space that texts and images share. A post with both counts by the more
similar of the two. Scoring writes the vectors (`analysis.scoring.embeddings`); only embedding a text needs PyTorch.
"""

from analysis.search.posts import rank_posts, restrict_to, search_posts, similar_posts
from analysis.search.topics import NO_TOPIC, custom_topics

__all__ = ["NO_TOPIC", "custom_topics", "rank_posts", "restrict_to", "search_posts", "similar_posts"]
