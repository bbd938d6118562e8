# %% [markdown]
# # Score a table of posts
# The sample posts: a table with texts and the names of images, and a folder with the images.

# %%
from pathlib import Path

import analysis as pl

SAMPLES = Path(__file__).parents[2] / "sample_posts"

# %%
model = pl.load()
posts = pl.read_posts(SAMPLES)
posts

# %% [markdown]
# What could not be read is listed with a reason and a remedy; the rest is scored.

# %%
posts.rejected[["name", "reason", "remedy"]]

# %%
scores = model.score(posts)
scores

# %%
table = scores.to_pandas()
table.groupby("topic")["valence"].mean().sort_values()

# %%
scores.plot.sentiment()

# %%
scores.plot.sentiment_by_topic()

# %% [markdown]
# Posts in which text and images disagree deserve a look.

# %%
disagreeing = table.sort_values("agreement").head(5)
disagreeing[["post_id", "text", "text_sentiment", "image_sentiment", "sentiment"]]

# %%
scores.save("report.csv")
