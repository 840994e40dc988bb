"""What a run did, as values, and one module for each format that shows it."""
