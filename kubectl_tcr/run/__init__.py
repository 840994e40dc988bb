"""A run of `kubectl tcr-rewrite`: sources in, manifests, report and status out."""
