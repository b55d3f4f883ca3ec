"""What a collection shows."""
