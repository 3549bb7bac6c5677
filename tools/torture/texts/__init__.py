"""Ten thousand texts through a telephone company that loses, repeats and reorders."""
