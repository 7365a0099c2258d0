"""One wheel in the store: unpacked once, looked at, compiled, sealed. Environments are made of links to it.

Public: `wheels.Wheel`, `unpack`, `record`, `bytecode`, `startup`."""
