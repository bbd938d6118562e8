"""Small valid inputs of every kind (`corpus`), and ways to damage them (`mutations`, `formats`, `names`)."""
