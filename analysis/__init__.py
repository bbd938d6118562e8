"""PostLens: posts in, fused sentiment and topic scores out, each with its reasons. Imports no Streamlit."""

import os

os.environ.setdefault(
    "HF_HUB_DISABLE_TELEMETRY", "1"
)  # read when huggingface_hub is imported, which is later
