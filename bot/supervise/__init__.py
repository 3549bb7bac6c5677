"""`make run`: trains if needed, starts the three servers, keeps them alive, stops them."""
