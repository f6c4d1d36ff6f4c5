import { hiddenInFormula } from './formulas.ts';
import type { Markup } from './html.ts';
import { hiddenInMap } from './maps.ts';

/** Languages that a fence may name; another word does not show, and nobody needs it. */
const LANGUAGES = new Set(
  (
    'abap ada apache apex applescript arduino asciidoc asm astro awk bash basic bat batch bibtex c c# c++ cfg clj clojure cmake cmd cobol coffee coffeescript ' +
    'conf config console cpp cs csharp csproj css csv cuda cue cypher d dart desktop diff docker dockerfile dos dot dotenv ejs elisp elixir elm env erb erlang ex exs ' +
    'f# fish fortran fs fsharp gdscript gherkin git gitattributes gitconfig gitignore glsl go golang gql gradle graphql groovy h haml handlebars haskell hbs hcl hlsl hpp hs ' +
    'html http idris ini java javascript jinja jinja2 jl jq js js5 json json5 jsonc jsonl jsp jsx julia kotlin kt kts latex less liquid lisp log lua make makefile ' +
    'markdown matlab md mdx mermaid mjs cjs mts cts math mysql nginx nim nix objc objective-c objectivec ocaml odin output patch pascal perl pgsql php pl plaintext ' +
    'plain plsql postgres postgresql powershell prisma prolog promql properties proto protobuf ps1 pug puppet py py3 pycon python python3 qml r racket rb react reg regex ' +
    'rescript rst ruby rs rust sass sbt scala scheme scss sh shell shellsession sh-session solidity sparql sql stylus svelte svg swift systemd systemverilog tcl terminal terraform ' +
    'tex text tf toml ts tsql tsv tsx twig txt typescript v vala vb vbnet verilog vhdl vim vimscript vue wasm wat wgsl xml xsl yaml yml zig zsh geojson topojson stl suggestion'
  ).split(' '),
);

export const isLanguage = (word: string): boolean => LANGUAGES.has(word.toLowerCase());

/** What does not show of a fence that GitHub draws; null: it is code, and all of it shows. */
export function hiddenInFence(language: string, content: string): readonly Markup[] | null {
  const name = language.toLowerCase();
  if (name === 'math') return hiddenInFormula(content, 0, content.length);
  if (name === 'mermaid') return hiddenInDiagram(content);
  if (name === 'geojson' || name === 'topojson') return hiddenInMap(content);
  if (name === 'stl')
    return linesOut(content, (line) => !/^\s*(?:(?:end)?(?:solid|facet|loop)|outer loop|vertex|facet normal)[\d\s.e+-]*$/i.test(line));
  return null;
}

/** A comment, a directive, a text for screen readers, a tooltip, a heading in a front part. */
const NOTE = /^\s*(?:%%|accTitle\b|accDescr\b|click\s|callback\s|link\s|links\s|---)/;
/** A style that makes words vanish. */
const VANISHING =
  /^\s*(?:style|classDef|linkStyle)\b.*(?:opacity\s*:\s*0?\.?[0-2]|display\s*:|visibility\s*:|font-size\s*:\s*[0-3](?!\d)|color\s*:\s*(?:#f{3,8}\b|#fefefe\b|white|snow|ivory|transparent|rgba|hsla))/i;

/** A tag with attributes in a label: nobody can tell what it looks like. */
const TAGGED = /<[a-z][a-z0-9]{0,30}\s[^<>]{0,500}=/i;

function hiddenInDiagram(content: string): readonly Markup[] {
  if (TAGGED.test(content) || content.split('\n').some((line) => VANISHING.test(line.slice(0, 2000))))
    return [{ from: 0, to: content.length, put: '', kind: 'notes in diagrams' }];
  const front = /^\s*---\n/.test(content) ? content.indexOf('\n---', 3) : -1;
  const out: Markup[] = front === -1 ? [] : [{ from: 0, to: front + 4, put: '', kind: 'notes in diagrams' }];
  for (const block of blocksOf(content)) out.push(block);
  return [...out, ...linesOut(content, (line) => NOTE.test(line))];
}

/** `%%{ … }%%` and `accDescr { … }`, which go over lines. */
function blocksOf(content: string): readonly Markup[] {
  const out: Markup[] = [];
  let at = 0;
  for (const [, opener = ''] of content.matchAll(/(%%\{|\baccDescr\s{0,20}\{)/g)) {
    const from = content.indexOf(opener, at);
    if (from < at) continue;
    const close = opener.startsWith('%') ? '}%%' : '}';
    const end = content.indexOf(close, from + opener.length);
    at = end === -1 ? content.length : end + close.length;
    out.push({ from, to: at, put: '', kind: 'notes in diagrams' });
  }
  return out;
}

function linesOut(content: string, isHidden: (line: string) => boolean): readonly Markup[] {
  const out: Markup[] = [];
  let at = 0;
  for (const line of content.split('\n')) {
    if (line.trim() !== '' && isHidden(line)) out.push({ from: at, to: at + line.length, put: '', kind: 'notes in diagrams' });
    at += line.length + 1;
  }
  return out;
}
