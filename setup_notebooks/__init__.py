"""What `./setup-notebooks` does, in standard-library Python: nothing of the project is installed yet."""
