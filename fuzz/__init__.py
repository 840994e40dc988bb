"""`make fuzz`: mutants of manifests, rewritten, and held against what the modules that kubectl uses make of them."""
