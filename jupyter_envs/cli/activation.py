"""The commands that make a shell run in an environment, and `deactivate`, which undoes them.

Every path is quoted for its shell. The name in the prompt contains only characters without a meaning: some shells
expand prompts."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass

SAVED = ("PYTHONHOME",)
"""Variables of another Python: set aside while the environment is active. PYTHONPATH stays, as in kernels."""


@dataclass(frozen=True)
class Active:
    """`prefix` and `bin` of the environment, as text; `name` for the prompt."""

    prefix: str
    bin: str
    name: str

    @property
    def prompt(self) -> str:
        return re.sub(r"[^\w .+@-]", "_", self.name)


def posix(active: Active) -> str:
    """For sh, bash, zsh, ksh and dash."""
    quote = shlex.quote
    hide = "\n".join(
        f'if [ -n "${{{name}+x}}" ]; then _JUPYTER_ENVS_{name}="${name}"; unset {name}; fi' for name in SAVED
    )
    back = "\n".join(_posix_back(name, export=True) for name in ("PATH", *SAVED))
    return f"""\
if [ -n "${{VIRTUAL_ENV-}}" ] && command -v deactivate >/dev/null 2>&1; then deactivate; fi
deactivate () {{
{back}
{_posix_back("PS1", export=False)}
unset VIRTUAL_ENV VIRTUAL_ENV_PROMPT
hash -r 2>/dev/null
unset -f deactivate
}}
_JUPYTER_ENVS_PATH="$PATH"
PATH={quote(active.bin)}":$PATH"
{hide}
VIRTUAL_ENV={quote(active.prefix)}
VIRTUAL_ENV_PROMPT={quote(active.prompt)}
export PATH VIRTUAL_ENV VIRTUAL_ENV_PROMPT
if [ -z "${{VIRTUAL_ENV_DISABLE_PROMPT-}}" ] && [ -n "${{PS1+x}}" ]; then
_JUPYTER_ENVS_PS1="$PS1"; PS1={quote(f"({active.prompt}) ")}"$PS1"
fi
hash -r 2>/dev/null
"""


def _posix_back(name: str, *, export: bool) -> str:
    ours = f"_JUPYTER_ENVS_{name}"
    then = f"; export {name}" if export else ""
    return f'if [ -n "${{{ours}+x}}" ]; then {name}="${ours}"{then}; unset {ours}; fi'


def fish(active: Active) -> str:
    quote = _fish_quote
    hide = "\n".join(f"if set -q {name}; set -g _jupyter_envs_{name} ${name}; set -e {name}; end" for name in SAVED)
    back = "\n".join(
        f"    if set -q _jupyter_envs_{name}; set -gx {name} $_jupyter_envs_{name}; set -e _jupyter_envs_{name}; end"
        for name in ("PATH", *SAVED)
    )
    return f"""\
if set -q VIRTUAL_ENV; and functions -q deactivate; deactivate; end
function deactivate
{back}
    if functions -q _jupyter_envs_prompt
        functions -e fish_prompt
        functions -c _jupyter_envs_prompt fish_prompt
        functions -e _jupyter_envs_prompt
    end
    set -e VIRTUAL_ENV
    set -e VIRTUAL_ENV_PROMPT
    functions -e deactivate
end
set -g _jupyter_envs_PATH $PATH
set -gx PATH {quote(active.bin)} $PATH
{hide}
set -gx VIRTUAL_ENV {quote(active.prefix)}
set -gx VIRTUAL_ENV_PROMPT {quote(active.prompt)}
if test -z "$VIRTUAL_ENV_DISABLE_PROMPT"; and functions -q fish_prompt
    functions -c fish_prompt _jupyter_envs_prompt
    function fish_prompt
        echo -n {quote(f"({active.prompt}) ")}
        _jupyter_envs_prompt
    end
end
"""


def _fish_quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def csh(active: Active) -> str:
    """One line: csh's eval gets text in backquotes without line ends. `test … &&`, because csh's own `if` expands what
    it does not run."""
    quote = _csh_quote
    hidden = [("PATH", "setenv PATH "), *((name, f"setenv {name} ") for name in SAVED), ("prompt", "set prompt=")]
    back = [
        _csh_if(f"_jupyter_envs_{name}", f"{to}$_jupyter_envs_{name}:q && unset _jupyter_envs_{name}")
        for name, to in hidden
    ]
    leave = [*back, "unsetenv VIRTUAL_ENV", "unsetenv VIRTUAL_ENV_PROMPT", "rehash", "unalias deactivate"]
    steps = [
        *back,  # of one that was active before
        *(_csh_if(name, f"set _jupyter_envs_{name}=${name}:q") for name, _ in hidden),
        f"setenv PATH {quote(active.bin + ':')}$PATH:q",
        f"setenv VIRTUAL_ENV {quote(active.prefix)}",
        f"setenv VIRTUAL_ENV_PROMPT {quote(active.prompt)}",
        *(f"unsetenv {name}" for name in SAVED),
        _csh_if("prompt", f"set prompt={quote(f'({active.prompt}) ')}$prompt:q"),
        f"alias deactivate '{'; '.join(leave)}'",
        "rehash",
    ]
    return "; ".join(steps) + ";\n"


def _csh_if(name: str, command: str) -> str:
    return f"test $?{name} != 0 && {command}"


def _csh_quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''").replace("!", "\\!").replace("\n", "\\\n") + "'"


def powershell(active: Active) -> str:
    quote = _powershell_quote
    names = ", ".join(quote(name) for name in ("PATH", *SAVED))
    return f"""\
if ($env:VIRTUAL_ENV -and (Test-Path function:deactivate)) {{ deactivate }}
$global:_JupyterEnvs = @{{}}
foreach ($name in {names}) {{ $global:_JupyterEnvs[$name] = [Environment]::GetEnvironmentVariable($name) }}
function global:deactivate {{
    foreach ($name in {names}) {{ [Environment]::SetEnvironmentVariable($name, $global:_JupyterEnvs[$name]) }}
    Remove-Item Env:VIRTUAL_ENV, Env:VIRTUAL_ENV_PROMPT -ErrorAction SilentlyContinue
    if (Test-Path function:_jupyter_envs_prompt) {{
        Copy-Item function:_jupyter_envs_prompt function:prompt
        Remove-Item function:_jupyter_envs_prompt
    }}
    Remove-Variable _JupyterEnvs -Scope Global
    Remove-Item function:deactivate
}}
$env:PATH = {quote(active.bin)} + [IO.Path]::PathSeparator + $env:PATH
foreach ($name in {", ".join(quote(name) for name in SAVED)}) {{ [Environment]::SetEnvironmentVariable($name, $null) }}
$env:VIRTUAL_ENV = {quote(active.prefix)}
$env:VIRTUAL_ENV_PROMPT = {quote(active.prompt)}
if (-not $env:VIRTUAL_ENV_DISABLE_PROMPT) {{
    Copy-Item function:prompt function:global:_jupyter_envs_prompt
    function global:prompt {{ Write-Host -NoNewline {quote(f"({active.prompt}) ")}; _jupyter_envs_prompt }}
}}
"""


def _powershell_quote(text: str) -> str:
    """PowerShell treats curly quotes as straight ones."""
    return "'" + re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", text) + "'"


WRITERS: dict[str, Callable[[Active], str]] = {
    "bash": posix,
    "zsh": posix,
    "fish": fish,
    "csh": csh,
    "powershell": powershell,
}
NAMES = {
    **{name: name for name in WRITERS},
    **dict.fromkeys(("sh", "dash", "ksh", "ash"), "bash"),
    "tcsh": "csh",
    "pwsh": "powershell",
}
"""Program -> the shell whose language it speaks."""
HOW = {
    "bash": 'eval "$(jupyter envs activate {notebook})"',
    "zsh": 'eval "$(jupyter envs activate {notebook})"',
    "fish": "jupyter envs activate {notebook} | source",
    "csh": 'eval "`jupyter envs activate {notebook}`"',
    "powershell": "jupyter envs activate {notebook} | Out-String | Invoke-Expression",
}
"""How to run the text in the shell."""
