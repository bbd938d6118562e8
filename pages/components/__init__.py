"""Parts of pages that are used on several of them: they get their content, and read neither the batch nor the URL."""
