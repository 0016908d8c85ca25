"""What a page answers in one sentence of Markdown, from results: for screen and paper alike."""
