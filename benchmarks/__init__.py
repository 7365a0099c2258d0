"""How fast it is, against what it stands on. Figures of one run are compared with each other, never with a clock."""
