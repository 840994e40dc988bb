"""Image references and the rules that move them."""
