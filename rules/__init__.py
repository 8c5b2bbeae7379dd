"""The rule pages, one Markdown file a rule."""
