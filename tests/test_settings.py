from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_envs.errors import UsageError
from jupyter_envs.settings import Settings


def test_without_variables_links_are_used_and_a_month_is_kept() -> None:
    settings = Settings.load({})
    assert (settings.link_mode, settings.compile, settings.keep_days, settings.shared_stores) == (
        "links",
        "background",
        30.0,
        (),
    )


def test_variables_are_read(tmp_path: Path) -> None:
    settings = Settings.load(
        {
            "JUPYTER_ENVS_LINK_MODE": "copy",
            "JUPYTER_ENVS_COMPILE": "now",
            "JUPYTER_ENVS_KEEP_DAYS": "0.5",
            "JUPYTER_ENVS_SHARED_STORES": os.pathsep.join([str(tmp_path), "", "~/shared"]),
        }
    )
    assert (settings.link_mode, settings.compile, settings.keep_days) == ("copy", "now", 0.5)
    assert settings.shared_stores == (tmp_path, Path("~/shared").expanduser())


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("JUPYTER_ENVS_LINK_MODE", "symlink"),
        ("JUPYTER_ENVS_COMPILE", "later"),
        ("JUPYTER_ENVS_KEEP_DAYS", "a month"),
        ("JUPYTER_ENVS_KEEP_DAYS", "-1"),
        ("JUPYTER_ENVS_KEEP_DAYS", "nan"),
        ("JUPYTER_ENVS_SHARED_STORES", "relative/store"),
    ],
)
def test_a_wrong_word_is_an_error_that_names_the_variable(variable: str, value: str) -> None:
    with pytest.raises(UsageError, match=variable) as caught:
        Settings.load({variable: value})
    assert caught.value.code == "setting"
    assert caught.value.hint


def test_an_empty_variable_is_none() -> None:
    empty = {"JUPYTER_ENVS_LINK_MODE": "", "JUPYTER_ENVS_KEEP_DAYS": "", "JUPYTER_ENVS_SHARED_STORES": ""}
    assert Settings.load(empty) == Settings.load({})
