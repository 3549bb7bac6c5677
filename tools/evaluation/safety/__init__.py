"""How well severe reports are recognised: figures, plots, floors."""
