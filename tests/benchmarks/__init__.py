"""Tests of the measuring commands: that they run and print their figures, never how fast."""
