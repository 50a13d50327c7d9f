"""Tables made from dictionary.toml by `yutu2 dictionary generate`."""
