"""Image fields learned from CustomResourceDefinitions: documents to schemas, to string fields, to verdicts, to rows."""
