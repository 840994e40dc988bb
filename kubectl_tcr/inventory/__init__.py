"""Which images manifests and clusters hold, whether they can be pulled, and how to get them where they can."""
