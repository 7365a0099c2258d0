"""What touches the operating system: files, locks, processes, disks, folders. Nothing here knows what a notebook is.

Public: `files.atomically`, `leases`, `process.run`, `disk`, `removal.delete`, `kept`, `home.check`, `folders`,
`scripts`."""
