"""The API: orders, inventory and the plain view, for other systems; the pages are for people."""
