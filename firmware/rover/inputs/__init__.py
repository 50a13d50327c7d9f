"""What a run is given: settings, plan, scenario, uplink file, key, and the state that it starts from."""
