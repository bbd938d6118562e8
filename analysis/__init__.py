"""PostLens: posts in, fused sentiment and topic scores out, each with its reasons. Imports no Streamlit."""
