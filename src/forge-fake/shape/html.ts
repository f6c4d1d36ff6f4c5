/** HTML that is safe to join: everything put into it was escaped, or was such HTML itself. */
export interface Html {
  readonly html: string;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeText = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);

type Part = Html | string | number | null | readonly Part[];

function render(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapeText(String(part));
  return 'html' in part ? part.html : part.map(render).join('');
}

/** A template whose values are escaped unless they come from this same tag. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: strings.map((text, index) => text + render(parts[index] ?? null)).join(''),
});

const STYLE = `
:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 18%,transparent);--soft:color-mix(in srgb,currentColor 62%,transparent);--add:#2da44e;--del:#cf222e}
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:0 auto;padding:1rem}
a{color:LinkText;text-decoration:none}a:hover{text-decoration:underline}
nav{display:flex;gap:1rem;padding-bottom:.6rem;border-bottom:1px solid var(--line)}
h1{font-size:1.4rem;margin:1rem 0 .2rem}
.soft,small{color:var(--soft)}
ul.rows{list-style:none;padding:0;margin:0}ul.rows li{padding:.55rem 0;border-bottom:1px solid var(--line)}
.tag{display:inline-block;border:1px solid var(--line);border-radius:1rem;padding:0 .55rem;font-size:.8rem}
.box{border:1px solid var(--line);border-radius:.4rem;margin:1rem 0;overflow:hidden}.box>header{padding:.4rem .8rem;border-bottom:1px solid var(--line);color:var(--soft)}
pre{margin:0;padding:.8rem;overflow-x:auto;font:13px/1.45 ui-monospace,monospace}pre.text{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit}
.add{color:var(--add)}.del{color:var(--del)}.hunk{color:var(--soft)}`;

export interface Frame {
  readonly repo: string;
  readonly title: string;
}

/** A whole page. */
export function document(frame: Frame, body: Html): string {
  const style: Html = { html: STYLE };
  return html`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${frame.title} · ${frame.repo}</title><style>${style}</style>
<nav><strong>${frame.repo}</strong><a href="/${frame.repo}/issues">Issues</a><a href="/${frame.repo}/pulls">Pull requests</a></nav>
${body}</html>`.html;
}
