"""What each option that pip documents does here: nothing, what it means, or why it is refused.

docs/reference/pip.md is written from this, and a test compares it with what pip's own help lists."""

from __future__ import annotations

from typing import NamedTuple

from .looking_table import FREEZE, HASH, INDEX, LIST, PLACE, SHOW, decided, kinds, unused
from .pip_options import MEANS, REFUSED, Row, accepted, means, refused

LEAVE = "Leave it out."
BUILDS = (
    "changes nothing for wheels; what would have to be built is refused, since each build has an environment of its own"
)

NETWORK: tuple[Row, ...] = (
    means("--proxy", "--proxy=", "uses this proxy, for this change only", "ADDRESS"),
    means("--cert", "--cert=", "trusts the certificates in this file, for this change only", "FILE"),
    means("--client-cert", "--client-cert=", "identifies you with this certificate", "FILE"),
)

GENERAL: tuple[Row, ...] = (
    *NETWORK,
    means("-h --help", "help", "says what works here"),
    means("-q --quiet", "quiet", "prints only errors and notes"),
    means("-v --verbose", "verbose", "prints the details of errors; in `list` and `show`, more columns"),
    means("--debug", "verbose", "as `--verbose`"),
    accepted("--isolated", "your configuration says which indexes there are, as always"),
    accepted("--require-virtualenv --require-venv", "a notebook always has an environment of its own"),
    refused(
        "--python", "it names another environment", "Leave it out: packages are for this notebook.", "PYTHON", code=PLACE
    ),
    accepted("--log --log-file --local-log", "no log is written; `-v` prints the details of errors", "FILE"),
    accepted("--no-input", "what has to be asked is asked all the same, and without an answer nothing happens"),
    accepted("--keyring-provider", "your uv.toml says where passwords are", "NAME"),
    accepted("--no-proxy-env", "proxies are used as configured"),
    accepted("--retries", "downloads are tried again anyway", "NUMBER"),
    accepted("--timeout --default-timeout", "slow indexes are waited for", "SECONDS"),
    accepted("--exists-action", "an environment is never changed in place", "ACTION"),
    accepted("--trusted-host", "certificates are checked all the same: a line in a notebook cannot switch that off", "HOST"),
    accepted("--cache-dir", "downloads are kept where jupyter-envs keeps them", "FOLDER"),
    accepted("--no-cache-dir", "all notebooks share what was downloaded, and each file is checked"),
    accepted("--disable-pip-version-check", "no version of pip is checked"),
    accepted("--no-color", "the output has no colours"),
    accepted("--no-python-version-warning", "there is no such warning"),
    accepted("--use-feature", "it is about how pip works", "FEATURE"),
    accepted("--use-deprecated", "it is about how pip works", "FEATURE"),
    accepted("--resume-retries", "downloads are tried again anyway", "NUMBER"),
)  # fmt: skip

SELECTION: tuple[Row, ...] = (
    means("--pre", "--pre", "also allows pre-releases and development versions, of all packages"),
    means("--all-releases", "--pre", "as `--pre`", "NAMES", ":all:"),
    accepted("--all-releases", "no package has pre-releases then, as always", "NAMES", ":none:"),
    refused(
        "--all-releases", "pre-releases are allowed for all packages or for none",
        "Use --pre, or name the version: 'NAME>=2.0rc1'.", "NAMES",
    ),
    accepted("--only-final", "pre-releases are not chosen anyway, unless a requirement names one", "NAMES"),
    refused("--no-binary", "only named packages are built from source", "Name them: --no-binary NAME.", "NAMES", ":all:"),
    accepted("--no-binary", "wheels are used anyway", "NAMES", ":none:"),
    means("--no-binary", "--allow-build=", "builds these packages from source: their code runs while they are built", "NAMES"),
    means("--only-binary", "--prefer-binary", "as `--prefer-binary`", "NAMES", ":all:"),
    accepted("--only-binary", "wheels are used anyway, and before anything is built you are asked", "NAMES"),
    means("--prefer-binary", "--prefer-binary", "takes the newest wheel, and does not ask if only sources are newer"),
)  # fmt: skip

INDEXES: tuple[Row, ...] = (
    means("-i --index-url --pypi-url", "--index-url=", "takes the named packages from this index of your configuration", "URL"),
    means("--extra-index-url", "--extra-index-url=", "also takes them from this index of your configuration", "URL"),
    means("--no-index", "--no-index", "accepted if your configuration says so, too"),
    means("--refresh-package", "--refresh", "asks the indexes again, about all packages", "NAMES"),
    means("-f --find-links", "--find-links=", "accepted if your configuration has this place, too", "PLACE"),
    means("--uploaded-prior-to", "--uploaded-prior-to=", "takes what was published before, for this change only", "MOMENT"),
)  # fmt: skip

PLACES: tuple[Row, ...] = (
    refused("-t --target", "it names another place", "Leave it out: packages are for this notebook.", "FOLDER", code=PLACE),
    refused("--user", "it names another place", "Leave it out: packages are for this notebook.", code=PLACE),
    accepted("--no-user", "packages are for this notebook"),
    refused("--root", "it names another place", "Leave it out: packages are for this notebook.", "FOLDER", code=PLACE),
    refused("--prefix", "it names another place", "Leave it out: packages are for this notebook.", "FOLDER", code=PLACE),
)  # fmt: skip


def build(*forms: str, value: str = "") -> Row:
    """An option for builds: it is known by its last form."""
    return means(" ".join(forms), f"--special-build={forms[-1]}", BUILDS, value)


BUILDING: tuple[Row, ...] = (
    build("--build-constraint", value="FILE"),
    build("--no-build-isolation"),
    build("-C", "--config-setting", "--config-settings", value="SETTINGS"),
    accepted("--use-pep517", "packages are built so anyway"),
    accepted("--check-build-dependencies", "what a build needs is installed for it"),
    accepted("--no-clean", "what a build leaves is not kept"),
    accepted("--src --source --source-dir --source-directory", "repositories are kept elsewhere", "FOLDER"),
)

MACHINES: tuple[Row, ...] = (
    refused("--platform", "a lock is for all common systems", LEAVE, "PLATFORM"),
    refused("--python-version", "the notebook says which Python it has", "jupyter envs python NOTEBOOK 3.12 changes it.", "VERSION"),
    refused("--implementation", "the notebook says which Python it has", "jupyter envs python NOTEBOOK 3.12 changes it.", "NAME"),
    refused("--abi", "the notebook says which Python it has", "jupyter envs python NOTEBOOK 3.12 changes it.", "ABI"),
    refused(
        "--ignore-requires-python", "what a package says about Python counts",
        "jupyter envs python NOTEBOOK 3.12 changes the notebook's.",
    ),
)  # fmt: skip

INSTALL: tuple[Row, ...] = (
    means("-U --upgrade", "-U", "also upgrades what is installed already, to the newest version that fits"),
    accepted("--upgrade-strategy", "this is what `-U` does", "STRATEGY", "only-if-needed"),
    means("--upgrade-strategy", "--upgrade-strategy=", "with `-U`, also upgrades what the packages need", "STRATEGY", "eager"),
    refused("--upgrade-strategy", "there is no such strategy", "Use only-if-needed or eager.", "STRATEGY"),
    means("--force-reinstall", "-U", "as `-U`: files never have to be repaired, and pip takes the newest versions, too"),
    means("-I --ignore-installed", "-U", "as `-U`"),
    means("-r --requirement", "--requirement=", "installs what a requirements file lists", "FILE"),
    means("-c --constraint", "--constraint=", "limits versions, for this change only", "FILE"),
    means("-e --editable", "--editable=", "installs the project in a folder, in editable mode", "PATH"),
    refused("--requirements-from-script", "scripts are not read", "Name the packages.", "FILE"),
    refused("--group", "groups of a project are not read", "Name the packages, or install the folder: `-e FOLDER`.", "GROUP"),
    means("--no-deps --no-dependencies", "--no-deps", "installs what is named without what it needs, which the notebook records"),
    refused("--only-deps --only-dependencies", "a notebook asks for packages, not for what they need", LEAVE),
    means("--dry-run", "--dry-run", "only says what would change"),
    refused("--report", "a change writes no report", "In a terminal, jupyter envs install NOTEBOOK NAME --dry-run --json prints one.", "FILE"),
    means("--require-hashes", "--require-hashes", "refuses what has no hash"),
    accepted("--no-require-hashes", "hashes that a file gives are compared, and others are not needed"),
    accepted("--break-system-packages", "no system's Python is changed"),
    accepted("--compile", "files are compiled anyway"),
    accepted("--no-compile", "files are compiled once, for all notebooks"),
    accepted("--no-warn-script-location", "there is no such warning"),
    accepted("--no-warn-conflicts", "packages that do not fit together are not installed"),
    accepted("--progress-bar", "progress is shown as long as it is needed", "STYLE"),
    accepted("--root-user-action", "there is no such warning", "ACTION"),
)  # fmt: skip

OVERRIDE = means(
    "--override",
    "--override=",
    "counts in place of what packages need, and is recorded; a bare name takes it back",
    "REQUIREMENT",
)
OURS: tuple[Row, ...] = (
    accepted("-y --yes", "pip has it for `uninstall` alone; what has to be asked is asked"),
    means("--offline", "--offline", "does not use the network"),
    means("--allow-build", "--allow-build=", "lets this package's code run while it is built", "NAME"),
    means("--allow-startup", "--allow-startup=", "lets this package's code run when Python starts", "NAME"),
)

UNINSTALL: tuple[Row, ...] = (
    accepted("-y --yes", "removing needs no confirmation; `%env-undo` undoes it"),
    means("-r --requirement", "--requirement=", "removes what a requirements file lists", "FILE"),
    accepted("--break-system-packages", "no system's Python is changed"),
    accepted("--root-user-action", "there is no such warning", "ACTION"),
)

UPGRADING = ("-U", "--pre", "--allow-build=", "--prefer-binary", "--refresh", "--uploaded-prior-to=", "--dry-run")
UPGRADE = tuple(
    row
    if row.kind != MEANS or row.does in UPGRADING
    else Row(row.forms, row.value, REFUSED, "what is there is upgraded", "", "Use %env-install -U.", "pip-option")
    for row in (*INSTALL, *SELECTION, *INDEXES, *PLACES, *BUILDING, *MACHINES)
)
"""For `%env-upgrade`."""


class Verb(NamedTuple):
    """`does`: our verb, empty if it is refused; `rows`: its options, beside those for all verbs."""

    does: str
    says: str
    hint: str = ""
    rows: tuple[Row, ...] = ()


UNUSED = tuple(unused(*kind) for kind in kinds((*SELECTION, *INDEXES)))
TERMINAL = "In a terminal, another Python's pip does it."
VERBS: dict[str, Verb] = {
    "install": Verb(
        "install", "adds packages to the notebook",
        rows=(*INSTALL, *SELECTION, *INDEXES, *PLACES, *BUILDING, *MACHINES, OVERRIDE, *OURS),
    ),
    "uninstall": Verb("remove", "removes packages from the notebook; what is not installed is skipped", rows=UNINSTALL),
    "list": Verb("list", "lists what this kernel can import, as pip does", rows=(*LIST, *UNUSED)),
    "freeze": Verb("freeze", "lists names and versions, as pip does; `%env-export` adds hashes", rows=FREEZE),
    "show": Verb("show", "describes packages, as pip does", rows=SHOW),
    "check": Verb("check", "says which packages lack something or do not fit together, as pip does"),
    "help": Verb("help", "says what works here"),
    "inspect": Verb("", "it is not written here", "`pip list --format=json` lists packages and versions."),
    "download": Verb("", "packages are installed, not collected in folders", TERMINAL),
    "lock": Verb("", "the notebook contains its lock", "%env-export prints it with hashes."),
    "wheel": Verb("", "wheels are built only to be installed", TERMINAL),
    "config": Verb("", "your uv.toml and pip.conf are read, and not changed", "Edit the file, or use a terminal."),
    "search": Verb("", "package indexes do not answer it any more", "Search on the index's web page."),
    "cache": Verb("", "the cache of pip is not used", "jupyter envs gc removes what is not needed any more."),
    "index": Verb(
        "index", "`pip index versions NAME` lists the versions that your indexes have for this Python, as pip does",
        rows=(*INDEX, *decided((*SELECTION, *INDEXES)), *MACHINES),
    ),
    "hash": Verb("hash", "prints the hashes of files, as pip does", rows=HASH),
    "completion": Verb("", "it is for shells", "jupyter-envs completion bash prints a script for ours."),
    "debug": Verb("", "pip is not used", "jupyter envs doctor checks the set-up."),
}  # fmt: skip


def rows_of(verb: str) -> list[Row]:
    """The options of one of pip's verbs, or of `upgrade`, which is ours."""
    return [*(UPGRADE if verb == "upgrade" else VERBS[verb].rows), *GENERAL]
