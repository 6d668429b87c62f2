"""Public mails with expected readings, found beside the project; and how well they are read."""
