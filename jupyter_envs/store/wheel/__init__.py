"""One wheel in the store: unpacked once, inspected, compiled, sealed. Environments consist of links to it.

Public: `wheels.Wheel`, `unpack`, `record`, `bytecode`, `startup`."""
