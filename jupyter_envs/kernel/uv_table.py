"""What each option of `uv pip` and `uv add` does here, where it is not pip's."""

from __future__ import annotations

from .looking_table import PLACE, unused
from .pip_options import Row, accepted, means, refused
from .pip_table import GENERAL, LEAVE, VERBS, Verb, build

OTHER = "it names another environment"
HERE = "Leave it out: packages are for this notebook."
NAME = "Name the packages."
PROJECT = "it is about a project"
CONFIGURED = "your configuration decides this"

GLOBAL: tuple[Row, ...] = (
    accepted("-n --no-cache", "all notebooks share what was downloaded, and each file is checked"),
    refused("-p --python", OTHER, HERE, "PYTHON", code=PLACE),
    accepted("--system", "packages are for this notebook"),
    accepted("--no-break-system-packages", "no system's Python is changed"),
    accepted("--managed-python", "the notebook says which Python it has"),
    accepted("--no-managed-python", "the notebook says which Python it has"),
    accepted("--no-python-downloads", "before a Python is downloaded you are asked"),
    accepted("--color", "the output has no colours", "WHEN"),
    accepted("--system-certs --native-tls", "your uv.toml says which certificates count"),
    accepted("--allow-insecure-host", "certificates are checked all the same", "HOST"),
    accepted("--no-progress", "progress is shown as long as it is needed"),
    refused("--directory", "it names another place", "Use %cd.", "FOLDER"),
    refused("--project", PROJECT, LEAVE, "FOLDER"),
    refused("--config-file", CONFIGURED, LEAVE, "FILE"),
    accepted("--no-config", "your configuration says which indexes there are, as always"),
    accepted("--strict", "packages that do not fit together are not installed"),
    means("--offline", "--offline", "does not use the network"),
)

INSTALL: tuple[Row, ...] = (
    means("-r --requirements", "--requirement=", "installs what a requirements file lists", "FILE"),
    means("-c --constraints", "--constraint=", "limits versions, for this change only", "FILE"),
    means("--index", "--extra-index-url=", "also takes packages from this index of your configuration", "URL"),
    means("--default-index", "--index-url=", "takes the named packages from this index of your configuration", "URL"),
    means("--reinstall", "-U", "as `-U`: files never have to be repaired"),
    accepted("--reinstall-package", "files never have to be repaired", "NAME"),
    means("--refresh", "--refresh", "asks the indexes again"),
    means("--exclude-newer", "--uploaded-prior-to=", "takes what was published before, for this change only", "MOMENT"),
    means("--prerelease", "--pre", "as `--pre`", "HOW", "allow"),
    accepted("--prerelease", "this is so anyway", "HOW", "if-necessary-or-explicit"),
    refused("--prerelease", "pre-releases are allowed for all packages or for none", "Use --pre, or leave it out.", "HOW"),
    accepted("--resolution", "this is so anyway", "HOW", "highest"),
    refused("--resolution", "the newest versions that fit are installed", "Name the versions: 'NAME==1.0'.", "HOW"),
    accepted("--fork-strategy", "it is about how uv works", "HOW"),
    means("--no-build", "--prefer-binary", "takes the newest wheel; before anything is built you are asked"),
    accepted("--no-build-package", "before anything is built you are asked", "NAME"),
    accepted("--link-mode", "environments are made of links anyway", "MODE"),
    accepted("--compile-bytecode", "files are compiled anyway"),
    means("--overrides --override", "--overrides=", "what a file lists counts in place of what packages need, and is recorded", "FILE"),
    refused("--excludes", "packages cannot be left out one by one", "--no-deps installs a package without what it needs.", "FILE"),
    build("-b", "--build-constraints", value="FILE"),
    build("--config-settings-package", value="SETTINGS"),
    build("--no-build-isolation-package", value="NAME"),
    accepted("--require-build-hashes", "what a build needs comes from the same indexes"),
    refused("--extra", "extras belong to a name", "Write it behind the name: 'NAME[EXTRA]'.", "EXTRA"),
    refused("--all-extras", "extras belong to a name", "Write them behind the name: 'NAME[EXTRA]'."),
    refused("--no-editable", "what -e names is editable", "Name the folder without -e."),
    refused("--no-editable-package", "what -e names is editable", "Name the folder without -e.", "NAME"),
    refused("--no-verify-hashes", "hashes that a file gives are compared", "Remove the wrong ones from the file."),
    refused("--python-platform", "a lock is for all common systems", LEAVE, "PLATFORM"),
    refused("--exact", "only what is named is changed", "%env-remove removes packages."),
    refused("--check", "each change is made", "%env-status shows what is there."),
    refused("--output-format", "the output is for people", LEAVE, "FORMAT"),
    refused("--torch-backend", CONFIGURED, "Name an index of your configuration: --index-url ADDRESS.", "NAME"),
    refused("--index-strategy", CONFIGURED, "Write index-strategy into your uv.toml.", "HOW"),
    refused("-P --upgrade-package", "what is named is installed", "%env-upgrade NAME upgrades one package.", "NAME"),
    refused("--upgrade-group", PROJECT, LEAVE, "GROUP"),
    refused("--prerelease-package", "pre-releases are allowed for all packages or for none", "Use --pre.", "NAME"),
    refused("--exclude-newer-package", "the moment counts for all packages", "Name the version: 'NAME==1.0'.", "NAME"),
    refused("--no-sources", PROJECT, LEAVE),
    refused("--no-sources-package", PROJECT, LEAVE, "NAME"),
)  # fmt: skip

ADD: tuple[Row, ...] = (
    refused("--dev", "a notebook has one list of packages", LEAVE),
    refused("--optional", "a notebook has one list of packages", LEAVE, "NAME"),
    refused("--group", "a notebook has one list of packages", LEAVE, "NAME"),
    refused("--script", "it names another file", LEAVE, "FILE"),
    refused("--package", PROJECT, LEAVE, "NAME"),
    refused("--frozen", PROJECT, LEAVE),
    refused("--no-sync", "each change is made", LEAVE),
    accepted("--locked", "the notebook always contains its lock"),
    accepted("--active", "packages are for this notebook"),
    refused("-m --marker", "a condition belongs to a name", "Write it behind the name: 'NAME; python_version < \"3.13\"'.", "MARKER"),
    refused("--rev", "a revision belongs to an address", "Write it behind the address: git+ADDRESS@REVISION.", "REVISION"),
    refused("--tag", "a tag belongs to an address", "Write it behind the address: git+ADDRESS@TAG.", "TAG"),
    refused("--branch", "a branch belongs to an address", "Write it behind the address: git+ADDRESS@BRANCH.", "BRANCH"),
    accepted("--lfs", "it is about how uv works"),
    accepted("--raw", "requirements are recorded as written"),
    refused("--bounds", "requirements are recorded as written", "Name the limits: 'NAME>=1.0'.", "HOW"),
    refused("--no-binary", "only named packages are built from source", "Name them: --no-binary-package NAME."),
    means("--no-binary-package", "--allow-build=", "builds this package from source: its code runs while it is built", "NAME"),
    accepted("--no-require-build-hashes", "what a build needs comes from the same indexes"),
    refused("--no-install-project", PROJECT, LEAVE),
    refused("--no-install-workspace", PROJECT, LEAVE),
    refused("--no-install-local", PROJECT, LEAVE),
    refused("--no-install-package", "a package comes with what it needs", LEAVE, "NAME"),
    refused("--workspace", PROJECT, LEAVE),
    refused("--no-workspace", PROJECT, LEAVE),
)  # fmt: skip

ELSEWHERE: tuple[Row, ...] = (
    refused("-t --target", OTHER, HERE, "FOLDER", code=PLACE),
    refused("--prefix", OTHER, HERE, "FOLDER", code=PLACE),
    refused("--python-platform", "packages are looked at as they are here", LEAVE, "PLATFORM"),
    refused("--python-version", "packages are looked at as they are here", LEAVE, "VERSION"),
)

UNUSED = tuple(
    unused([form], "VALUE")
    for form in ("--index", "--default-index", "--index-strategy", "--exclude-newer", "--exclude-newer-package")
)

UV_VERBS: dict[str, Verb] = {
    "install": VERBS["install"]._replace(rows=(*INSTALL, *VERBS["install"].rows)),
    "uninstall": VERBS["uninstall"]._replace(
        rows=(
            means("-r --requirements", "--requirement=", "removes what a file lists", "FILE"),
            means("--dry-run", "--dry-run", "only says what would change"),
            *ELSEWHERE,
            *VERBS["uninstall"].rows,
        )
    ),
    **{verb: VERBS[verb]._replace(rows=(*ELSEWHERE, *VERBS[verb].rows)) for verb in ("freeze", "show", "check")},
    "list": VERBS["list"]._replace(rows=(*ELSEWHERE, *UNUSED, *VERBS["list"].rows)),
    "tree": Verb("", "it is not shown here", "`uv pip list` lists packages and versions."),
    "sync": Verb("", "the notebook's own list counts", "`uv pip install -r FILE` adds what a file lists."),
    "compile": Verb("", "the notebook contains its lock", "%env-export prints it with hashes."),
}
UV_ADD = VERBS["install"]._replace(rows=(*ADD, *INSTALL, *VERBS["install"].rows))
PROJECT_VERBS = {"add": UV_ADD, "remove": UV_VERBS["uninstall"]}
"""uv's verbs for projects, which are for the notebook here."""


def general() -> tuple[Row, ...]:
    return (*GLOBAL, *GENERAL)
