"""What is on this computer: Pythons, indexes, kernelspecs, configuration folders.

Public: `interpreters.choose`, `interpreters.discover`, `indexes.load`, `kernelspecs`, `config_dirs`."""
