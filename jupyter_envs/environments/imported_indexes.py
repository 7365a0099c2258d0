"""Which index gives a package of a foreign file: the user's configuration decides, never the file."""

from __future__ import annotations

from collections.abc import Sequence

from ..dialects.found import Found, FoundIndex, is_pypi
from ..errors import InputError
from ..machine.indexes import Indexes, plain_url
from ..model.spec import Spec


def indexes_of(spec: Spec, found: Sequence[Found], indexes: Indexes) -> dict[str, tuple[str, ...]]:
    """Raises InputError `index-not-configured` for one that nobody here has configured: the user decides which index
    gives a package."""
    result = {name: {*packages} for name, packages in spec.indexes.items()}
    for each in found:
        if each.no_index and not indexes.no_index:
            raise InputError(
                "index-not-configured",
                f"{each.no_index} says --no-index: its packages come from no index, and your configuration has some.",
                hint="Remove --no-index there, or write `no-index = true` into your uv.toml.",
            )
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
    return {name: tuple(sorted(packages)) for name, packages in result.items()}


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
