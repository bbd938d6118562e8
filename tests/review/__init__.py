"""Tests of `analysis.review`."""
