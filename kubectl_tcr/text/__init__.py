"""Text as bytes and characters: streams, documents, spans, spellings, edits."""
