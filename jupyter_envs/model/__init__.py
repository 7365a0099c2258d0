"""The values that all rooms use, each frozen, and checked when it is made. No file, no process, no clock.

Public: `block.Block`, `block.parse_block`, `spec.Spec`, `lock.Lock`, `closure.Closure`, `closure.select`,
`interpreter.Interpreter`, `environment.Environment`, `options.Options`, `requirement.Requirement`, `difference`,
`digests`, `schema`, `progress.Report`."""
