"""What Kubernetes and its custom resources say of a field: an image, or a string that stays."""
