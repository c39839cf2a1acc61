"""The terminal face: asks, shows, decides nothing."""
