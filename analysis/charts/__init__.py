"""Plotly figures of scores, explanations and evaluations, and highlights on the post itself. No Streamlit.

Start with `scores`.
"""
