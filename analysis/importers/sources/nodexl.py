"""The sheet of edges of a NodeXL workbook of posts of X; the other sheets describe accounts and the network."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="nodexl",
    label="NodeXL",
    recognised_by=[["Vertex 1", "Vertex 2", "Tweet"], ["Vertex 1", "Vertex 2", "Tweet", "Tweet Date (UTC)"]],
    fields={
        "post_id": ["Imported ID", "Unified Twitter ID", "Twitter Page for Tweet"],
        "text": ["Tweet"],
        "author": ["Vertex 1"],
        "created_at": ["Tweet Date (UTC)", "Relationship Date (UTC)"],
        "images": ["Media in Tweet"],
        "likes": ["Favorite Count"],
        "shares": ["Retweet Count"],
    },
)
