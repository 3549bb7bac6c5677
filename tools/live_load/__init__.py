"""Many chat elements connected at once: what it costs, and how soon a staff message arrives."""
