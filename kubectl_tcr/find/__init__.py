"""From a document's scalars to sites: what is a reference, and what becomes of it."""
