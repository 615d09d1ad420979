"""How good the hypotheses are: cases whose cause is known, through the product, and the figures of what came out."""
