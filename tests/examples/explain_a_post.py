# %% [markdown]
# # Explain one post
# Which of text and image, which words and which regions influenced a prediction.

# %%
from pathlib import Path

import pandas as pd

import analysis as pl

SAMPLES = Path(__file__).parents[2] / "sample_posts"

# %%
image = min((SAMPLES / "images").glob("*.jpg"))
frame = pd.DataFrame(
    {
        "text": ["What a lovely evening, thank you all!", "The train is late again, how awful"],
        "images": [image, None],
    }
)
model = pl.load()
scores = model.score(frame)

# %%
explanation = scores.explain(0)
explanation

# %% [markdown]
# The values add up: from the score of an empty post to the score of this one, in logits.

# %%
explanation.ledger.base, explanation.modalities, explanation.ledger.total

# %%
pd.DataFrame(explanation.words).sort_values("value", ascending=False)

# %% [markdown]
# In a notebook, `explanation.show()` draws the words and the regions of the images.

# %%
explanation.save("explanation.html")

# %% [markdown]
# Any other class can be explained, also of a post that is in no table.

# %%
model.explain("The train is late again, how awful", output="topic=daily_life")
