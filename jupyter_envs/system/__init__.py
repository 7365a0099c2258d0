"""The only room that touches the operating system: files, locks, processes, disks, folders. It does not know notebooks.

Public: `files.atomically`, `leases`, `process.run`, `disk`, `removal.delete`, `kept`, `home.check`, `folders`,
`scripts`."""
