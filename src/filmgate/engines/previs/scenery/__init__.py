"""Where and when it plays: land, water, buildings, sky and weather."""
