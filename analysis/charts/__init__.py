"""Figures of scores and explanations, and marks on the post itself; pure functions without any page."""
