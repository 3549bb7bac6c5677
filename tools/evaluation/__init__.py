"""How well questions are understood: figures, plots, floors."""
