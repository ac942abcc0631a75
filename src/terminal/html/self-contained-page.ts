import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pageStyle } from './page-style.js';

/**
 * A page that is one file, asks nothing of any network, and runs no script but its own: style and script are named by
 * their hashes. `scriptUrl`: the module that runs in the browser. `data` becomes JSON that no text in it can end; it is
 * for the script, which shows it as text.
 */
export function selfContainedPage(title: string, data: unknown, scriptUrl: URL): string {
  const script = scriptOf(fileURLToPath(scriptUrl));
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(pageStyle)}`,
    `script-src ${hashOf(script)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<noscript><p>This page needs its own script to be shown; it asks nothing of any network.</p></noscript>
<main id="page"></main>
<script type="application/json" id="data">${jsonWithin(data)}</script>
<script type="module">${script}</script>
</body>
</html>
`;
}

/** As the compiler writes it. */
const importLine = /^import \{[^}]*\} from [']([^']+)[']; *$/gm;

/** A script with those in it that it imports from beside it, each once: a page that is one file can import nothing. */
function scriptOf(path: string, seen = new Set<string>()): string {
  if (seen.has(path)) return '';
  seen.add(path);
  return readFileSync(path, 'utf8')
    .replace(/^\/\/# sourceMappingURL=.*$/gm, '')
    .replace(importLine, (_, target: string) => scriptOf(join(dirname(path), target), seen))
    .replace(/^export (?=function |const |let )/gm, '');
}

/** JSON that may stand within an element: no `<` is in it, nor what ends a line of a script. */
function jsonWithin(data: unknown): string {
  return JSON.stringify(data).replace(/[<\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
