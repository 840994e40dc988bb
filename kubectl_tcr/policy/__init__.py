"""Mirror rules as admission policies: expressions in CEL, and the objects of an engine that evaluates them."""
