"""Messages of Sprinklr, mentions found by its listening, and posts of a report, as CSV or workbook.

No list of the columns is published, and customers add their own. These are the columns that programs for such files
read:
https://github.com/wally2511/sprinklr-historical-data-chatbot/blob/main/src/xlsx_parser.py (messages)
https://github.com/kosyonii/Local-Campaign-Automation/blob/main/sprinklr_export_excel.py (mentions)
https://github.com/ommk24/sprinklr-google-sheets-pipeline/blob/main/process_sprinklr.py (posts)
"""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="sprinklr",
    label="Sprinklr",
    recognised_by=[
        ["Message", "Network", "Published"],
        ["Message", "Social Network", "Created Time"],
        ["Message", "SocialNetwork", "CreatedTime"],
        ["Conversation Stream", "Permalink", "Created Time"],
        ["Outbound Post", "Permalink", "Published Date"],
    ],
    fields={
        "post_id": ["Universal Message Id", "UniversalMessageId", "Message Id", "Post Id", "Permalink"],
        "text": ["Message", "Conversation Stream", "Outbound Post", "Post"],
        "author": [
            "Sender Screen Name",
            "SenderScreenName",
            "Author Screen Name",
            "User Name",
            "From User",
            "Author",
            "Account",
        ],
        "created_at": ["Published", "Published Date", "Created Time", "CreatedTime"],
        "images": ["Media URL", "Image URL"],
        "likes": ["Likes"],
        "shares": ["Shares", "Retweets"],
        "comments": ["Comments", "Replies"],
    },
    guess_in="",
)
