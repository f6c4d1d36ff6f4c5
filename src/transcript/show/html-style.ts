/** Of every page that tac8 writes as one file; follows the reader's choice of light or dark. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1b1f24; --dim: #5b6470; --back: #ffffff; --line: #d5dae0; --box: #f5f7f9; --red: #b3261e; --green: #17692f; --amber: #855300; --blue: #0b57a4; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e3e6ea; --dim: #98a2ad; --back: #14171a; --line: #343a41; --box: #1d2125; --red: #ff8a80; --green: #7ad08f; --amber: #f0b957; --blue: #84bdff; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0; }
h2 { font-size: 1rem; margin: 2rem 0 .5rem; padding-top: .5rem; border-top: 2px solid var(--line); overflow-wrap: anywhere; }
header p, footer p { color: var(--dim); margin: .25rem 0 1rem; }
main > div { display: grid; grid-template-columns: 5rem minmax(0, 1fr); padding: .15rem 0; }
main > div > div { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 0; }
time { color: var(--dim); font: .8rem/1.9 ui-monospace, monospace; }
.d1 { margin-left: 1.5rem; } .d2 { margin-left: 3rem; } .d3 { margin-left: 4.5rem; } .d4 { margin-left: 6rem; } .d5 { margin-left: 7.5rem; } .d6 { margin-left: 9rem; }
summary { cursor: pointer; }
summary, .call > div, .result > div { font: .85rem/1.7 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { margin: .25rem 0 .5rem; padding: .5rem .75rem; background: var(--box); border: 1px solid var(--line); border-radius: 4px; font: .8rem/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 40rem; overflow: auto; }
.user > div { border-left: 3px solid var(--blue); padding-left: .75rem; }
.thinking, .aside { color: var(--dim); }
.call summary, .call > div { color: var(--blue); }
.bad > div, .bad summary { color: var(--red); }
.good > div { color: var(--green); }
.warn > div { color: var(--amber); }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
th, td { padding: .2rem .8rem .2rem 0; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
svg { max-width: 100%; height: auto; display: block; margin: .5rem 0 1.5rem; }
td svg { margin: .4rem 0; }
svg text { fill: var(--dim); font: 11px system-ui, sans-serif; }
svg .done { fill: var(--green); } svg .failed { fill: var(--red); } svg .other { fill: var(--dim); } svg .axis { stroke: var(--line); }
`;
