"""What this computer has: Pythons, indexes, kernelspecs, folders of configuration.

Public: `interpreters.choose`, `interpreters.discover`, `indexes.load`, `kernelspecs`, `config_dirs`."""
