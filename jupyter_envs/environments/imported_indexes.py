"""Which index gives a package of a foreign file: the user's configuration decides, never the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..dialects.found import PYPI_HOSTS, Found, FoundIndex, host_of, is_pypi
from ..errors import InputError
from ..kernel.foreign import visible
from ..machine.indexes import Indexes, plain_url
from ..model.spec import Spec


def indexes_of(spec: Spec, found: Sequence[Found], indexes: Indexes) -> dict[str, tuple[str, ...]]:
    """Raises InputError `index-not-configured` for one that nobody here has configured: the user decides which index
    gives a package."""
    result = {name: {*packages} for name, packages in spec.indexes.items()}
    for each in found:
        _check_no_index(each, indexes)
        named = {index.name: _configured(index, each, indexes) for index in each.indexes}
        for package, name in each.taken_from.items():
            own = named.get(name)
            if own is None:
                raise InputError(
                    "index-not-configured",
                    f"{each.where}: {package} comes from the index {name!r}, which it does not describe.",
                )
            if own:
                result.setdefault(own, set()).add(package)
        for package, own in _by_host(each, indexes):
            result.setdefault(own, set()).add(package)
    return {name: tuple(sorted(packages)) for name, packages in result.items()}


def _by_host(found: Found, indexes: Indexes) -> Iterator[tuple[str, str]]:
    """Packages that come from one index of the user which is not asked about every package. Raises InputError for those
    from a host that no index has, where no hash could tell that another index gives something else."""
    unchecked = {pin.name for pin in found.pins if not pin.hashes}
    usual = PYPI_HOSTS | {host_of(index.url) for index in indexes.indexes if index.default}
    for package, host in found.hosts.items():
        if host in usual:
            continue
        own = [index for index in indexes.indexes if host_of(index.url) == host]
        if len(own) == 1:
            yield package, own[0].name
        elif package in unchecked:
            raise InputError(
                "index-not-configured",
                f"{found.where} takes {package} from {visible(host)}, and your configuration has "
                f"{'several indexes' if own else 'no index'} there. It gives no sha256, so nobody could see that "
                "another index has something else.",
                hint="Add that index to your uv.toml or pip.conf, or write the file again with sha256 hashes.",
            )


def _check_no_index(found: Found, indexes: Indexes) -> None:
    if found.no_index and not indexes.no_index:
        raise InputError(
            "index-not-configured",
            f"{found.no_index} says that no index may be asked, and your configuration does not say so.",
            hint="Remove it in a copy of the file, or write `no-index = true` into your uv.toml.",
        )


def _configured(index: FoundIndex, found: Found, indexes: Indexes) -> str:
    """Its name in the user's configuration; "" for the default one. Another notebook of ours names it, too, and has no
    address of it."""
    if is_pypi(index.url):
        return ""
    wanted = plain_url(index.url) if index.url else f"the index {index.name!r}"
    same = (one for one in indexes.indexes if (plain_url(one.url) == wanted if index.url else one.name == index.name))
    own = next(same, None)
    if own is None or (index.default and own.explicit):
        raise InputError(
            "index-not-configured",
            f"{index.where or found.where} takes packages from {wanted}, which is not an index of your configuration.",
            hint="Add it to your uv.toml or pip.conf. The notebook then names the index, and other users need it in "
            "their own configuration.",
        )
    return "" if own.default else own.name
