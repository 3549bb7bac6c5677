"""What the clinic talks about: pure data and rules, standard library only."""
