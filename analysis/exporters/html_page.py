"""The frame of HTML documents that PostLens writes: no scripts, no external resources."""

from __future__ import annotations


def format_html_page(title: str, style: str, body: str) -> str:
    """Write a complete HTML document.

    Args:
        title: Its title, escaped.
        style: CSS.
        body: HTML in which all untrusted text is escaped.
    """
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""
