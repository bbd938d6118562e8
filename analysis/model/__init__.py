"""The network, its encoders, text cleaning, and the bundle on disk.

Start with `bundle` and `network`.
"""

from analysis.model.bundle import Bundle, load_model
from analysis.model.config import SENTIMENTS, Head, ModelConfig

__all__ = ["SENTIMENTS", "Bundle", "Head", "ModelConfig", "load_model"]
