"""What the commands show: the chart of a run, reception statistics, tables of the dictionary."""
