"""What a rover computer decides. SensorValidation and acts through the board, never through the world."""
