"""What the cells of a stranger's notebook show reaches neither our banner, nor our buttons, nor our dialogs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import Serve
from .jupyter import Server, until
from .notebook_page import App
from .strangers import NAME, Made, arrived, banner, jobs, press, write

pytestmark = pytest.mark.browser
BOTH = pytest.mark.parametrize("app", ["jupyterlab", "notebook"])
FILLS = "top:-900px;left:-900px;width:5000px;height:5000px;z-index:2147483647;background:red"
OURS = (
    "jp-Envs", "jp-Envs-banner", "jp-Envs-bannerholder", "jp-Envs-button", "jp-Envs-buttons", "jp-Envs-chip", "jp-Envs-head",
    "jp-Envs-panel", "jp-Envs-problem", "jp-Envs-question", "jp-Envs-said", "jp-Envs-spoken", "jp-Envs-table", "jp-Envs-link",
)  # fmt: skip
COVERING = """() => { const found = new Set(); const rules = list => [...list].flatMap(r => r.cssRules ? [r, ...rules(r.cssRules)] : [r]);
  for (const sheet of document.styleSheets) for (const rule of rules(sheet.cssRules)) {
    const style = rule.style; if (!style || (style.position !== 'fixed' && !(Number(style.zIndex) > 99))) continue;
    for (const one of rule.selectorText.split(',')) { const classes = one.replace(/:[a-z-]+(\\([^)]*\\))?/g, '').trim();
      if (/^[.\\w\\s>-]+$/.test(classes) && classes.includes('.')) found.add(classes); } }
  return [...found]; }"""
"""Selectors of the page's own style sheets that fix what they match to the page, or raise it above other things."""
PRESSES = (
    "jupyter-envs:open",
    "jupyter-envs:storage",
    "runmenu:run-all",
    "notebook:run-all-cells",
    "notebook:restart-run-all",
)
MARKDOWN = [
    f'<div style="position:absolute;{FILLS}">COVER</div>',
    f'<div class="{" ".join(OURS)}">This notebook brings nothing. <button class="{" ".join(OURS)} jp-mod-styled">Build</button></div>',
    *(f'<div class="{name}" data-jupyter-envs="">FAKE</div>' for name in OURS),
    *(f'<button data-commandlinker-command="{name}" data-commandlinker-args="{{}}">PRESS</button>' for name in PRESSES),
    '<div id="jupyter-envs-panel">FAKE</div><label for="jupyter-envs-panel">x</label><a href="javascript:window.owned=1">x</a>',
    "<style>.jp-Envs { display: none !important }</style><svg><script>window.owned=2</script></svg>",
    '<iframe src="/lab"></iframe><form action="/jupyter-envs/api/v1/jobs" method="post"><button>x</button></form>',
]
HTML = f"<div style='position:fixed;{FILLS}'>COVER</div><img src=x onerror='window.owned=3'><script>window.owned=4</script>"
OVER = """([what, within]) => [...document.querySelectorAll(what)].filter(e => e.checkVisibility()).flatMap(e => {
  const r = e.getBoundingClientRect();
  return [0.02, 0.5, 0.98].map(x => document.elementFromPoint(r.x + r.width * x, r.y + r.height / 2))
    .filter(top => top && !top.closest(within)).map(top => `${top.className} over ${e.textContent}`); })"""
BANNER = ["[data-jupyter-envs] .jp-Envs-banner, [data-jupyter-envs] button", "[data-jupyter-envs]"]
STYLED = """names => names.filter(name => {
  const ours = [...document.querySelectorAll(`.jp-RenderedHTMLCommon .${name}`)];
  const bare = document.createElement('div'); bare.textContent = 'FAKE'; document.querySelector('.jp-RenderedHTMLCommon').append(bare);
  const [a, b] = [ours.find(e => e.tagName === 'DIV' && e.textContent === 'FAKE'), bare].map(e => e && getComputedStyle(e));
  const differ = a && ['display', 'position', 'backgroundColor', 'borderLeftWidth', 'padding', 'zIndex'].filter(k => a[k] !== b[k]);
  bare.remove(); return !a || differ.length; })"""


def dressed(selector: str) -> str:
    """An element that the selector matches, inside those that it wants around."""
    names = [part.strip(".").split(".") for part in selector.replace(">", " ").split() if part.startswith(".")]
    opened = [f'<div class="{" ".join(each)}">' for each in names[:-1]]
    return "".join(opened) + f'<div class="{" ".join(names[-1])}" style="{FILLS}">COVER</div>' + "</div>" * len(opened)


def hostile(server: Server, block: dict[str, Any], covering: list[str]) -> bytes:
    path = server.root / NAME
    write(path, block, ("1", "saved output"), ("2", "this too"))
    notebook = json.loads(path.read_text())
    notebook["cells"][1]["outputs"] = [
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": HTML, "text/plain": "x"}}
    ]
    cells = [*MARKDOWN, *map(dressed, covering)]
    texts = [{"cell_type": "markdown", "id": f"m{i}", "metadata": {}, "source": text} for i, text in enumerate(cells)]
    notebook["cells"] = [*notebook["cells"], *texts]
    path.write_text(json.dumps(notebook))
    return path.read_bytes()


def escaped(dialog: Locator) -> bool:
    """Whether there is none; one that has just come may not listen yet."""
    if dialog.count():
        dialog.last.press("Escape")
    return not dialog.count()


@BOTH
def test_nothing_that_cells_show_covers_imitates_or_presses_what_is_ours(
    page: Page, serve: Serve, made: Made, app: App
):
    with serve(app, "reader") as server:
        block = made("demo")
        write(server.root / NAME, block)
        covering = arrived(page, server, app).page.evaluate(COVERING)
        assert len(covering) > 5
        before = hostile(server, block, covering)
        notebook = arrived(page, server, app)
        expect(banner(notebook)).to_contain_text("This notebook brings an environment")
        expect(page.locator(".jp-RenderedHTMLCommon", has_text="PRESS").first).to_be_attached()
        assert page.evaluate(OVER, BANNER) == []
        assert page.evaluate(STYLED, list(OURS)) == []
        assert page.locator(".jp-RenderedHTMLCommon [data-jupyter-envs]").count() == 0
        dialog = page.locator("body > .jp-Dialog")  # cells may show such a class too
        for name in PRESSES:
            page.evaluate("name => document.querySelector(`[data-commandlinker-command='${name}']`)?.click()", name)
            if "restart" in name:  # Jupyter itself asks
                expect(dialog).to_have_count(1)
            until(lambda: escaped(dialog), 20)
        expect(page.locator(".jp-OutputArea", has_text="saved output")).to_be_attached()
        press(notebook, "Look closer")
        expect(dialog).to_contain_text("demo")
        assert page.evaluate(OVER, ["body > .jp-Dialog button", "body > .jp-Dialog"]) == []
        dialog.get_by_role("button", name="Not now").click()
        assert page.evaluate("window.owned") is None
        assert (jobs(server), server.environments()) == ([], 1)
        assert (server.root / NAME).read_bytes() == before
