"""What the operating system gives and takes: files written whole, standard streams, Ctrl-C. Knows no telemetry."""
