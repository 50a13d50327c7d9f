"""Mission clock, event scheduler, seeded generators. Knows no other room."""
