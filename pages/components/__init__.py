"""Parts of pages that are used on several of them: they get what they show, and query nothing."""
