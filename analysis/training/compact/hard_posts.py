"""Difficult posts, written for PostLens, that show where a model fails: irony, negation, mixed feelings, news, slang.

They are not a test set: they are difficult on purpose, and too few for a metric. The model card lists the predictions
for them. None of them is in the training data.
"""

from __future__ import annotations

HARD_POSTS: tuple[tuple[str, str], ...] = (
    ("Great, another delay. Exactly what I needed today.", "negative"),
    ("Oh wonderful, the update deleted all my photos. Thanks a lot.", "negative"),
    ("Third firmware update this month and the screen still freezes.", "negative"),
    ("I asked for a refund on Monday. It is Friday.", "negative"),
    ("Not bad at all, I would go again.", "positive"),
    ("I can't say I didn't enjoy it.", "positive"),
    ("The food was lovely but the waiter was rude and we will not return.", "negative"),
    ("Battery is poor, camera is superb, no regrets.", "positive"),
    ("The museum opens at ten on Sundays.", "neutral"),
    ("Police: two people hurt in a crash on the ring road this morning.", "neutral"),
    ("She said the film was terrible; I have not seen it yet.", "neutral"),
    ("This album is sick, it slaps so hard 🔥", "positive"),
    ("I'm dead 💀💀 funniest thing all week", "positive"),
    ("Our team lost again and I still love them 💙", "positive"),
    ("No queue, no fuss, no nonsense: how it should be.", "positive"),
    ("Could have been worse, I suppose.", "neutral"),
)
"""Texts and the sentiment that a reader would choose."""
