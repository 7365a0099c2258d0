// Nothing but what @jupyterlab/services expects of a page.
globalThis.requestAnimationFrame ??= callback => setTimeout(callback, 0);
