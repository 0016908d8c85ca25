"""What the law lets people ask for: everything about one client, and being forgotten."""
