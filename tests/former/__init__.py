"""What version 0.1.0 left on a machine. Its own code makes it, which lies beside this file as it was at commit 2b8bd61:
a clone may be shallow, an archive of the source has no history, and what a store holds fits one machine alone."""
