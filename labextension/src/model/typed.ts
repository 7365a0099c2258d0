/** What somebody typed into the field of the panel, as a list of requirements. */

const COMMAND = /^\s*(?:[!%]\s*)?(?:(?:uv\s+)?pip3?\s+install|env-install)\s+/;
const OPERATOR = /^(?:[<>=!~]=?|===|@|,)/;
const OPEN = /[<>=!~@]$/;

/** `pandas >= 2, <3 "numpy"` → `["pandas>=2,<3", "numpy"]`; also takes a pasted `pip install …`. */
export function requirements(typed: string): string[] {
  const text = typed.replace(COMMAND, '').trim();
  if (/^[^"';]*;/.test(text)) {
    return [text]; // a marker: its words are not names, its quotes belong to it
  }
  const words = [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(found => found[1] ?? found[2] ?? found[0]);
  const joined: string[] = [];
  for (const word of words) {
    const last = joined.pop();
    // `pandas, numpy` is two, `pandas>=2, <3` is one.
    if (last === undefined) {
      joined.push(word);
    } else if (OPERATOR.test(word) || OPEN.test(last)) {
      joined.push(last.endsWith('@') || word === '@' ? `${last} ${word}` : last + word);
    } else {
      joined.push(last, word);
    }
  }
  return joined
    .flatMap(word => (/[<>=!~@;[]/.test(word) ? [word] : word.split(',')))
    .map(word => word.replace(/,+$/, '').trim())
    .filter(Boolean);
}
