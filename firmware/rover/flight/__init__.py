"""What a rover computer decides. Senses and acts through the board, never through the world."""
