/** Served by a route of its own: the content policy allows no style inside a page. */
export const apiPageStyle = `
:root {
  --paper: #fdfcfa; --ink: #1d1b18; --soft: #6b665e; --line: #e6e1d8; --card: #ffffff; --accent: #9a4a12;
  --get: #1f6f5c; --post: #9a4a12; --put: #6a4ba3; --patch: #6a4ba3; --delete: #a3263a; --head: #4a5a6a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #161412; --ink: #efeae2; --soft: #a39c90; --line: #37322b; --card: #1f1c19; --accent: #f0a66a;
    --get: #6fcdb3; --post: #f0a66a; --put: #b9a2ee; --patch: #b9a2ee; --delete: #f08a98; --head: #a9bccd;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0 auto; padding: 1.25rem 1rem 4rem; max-width: 54rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.9rem; line-height: 1.15; letter-spacing: -0.02em; margin: 0.5rem 0 1rem; }
h1 small, h3 small { color: var(--soft); font-weight: 400; font-size: 0.9rem; letter-spacing: 0; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 0.75rem; letter-spacing: -0.01em; }
h3 { font-size: 0.95rem; margin: 1.25rem 0 0.4rem; }
h3.answer { color: var(--get); }
h3.error { color: var(--delete); }
p { margin: 0.4rem 0; }
a { color: var(--accent); text-underline-offset: 0.2em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
nav { display: flex; flex-wrap: wrap; gap: 0.5rem; margin-top: 1rem; }
nav a {
  padding: 0.35rem 0.8rem; border: 1px solid var(--line); border-radius: 999px; background: var(--card);
  text-decoration: none; font-size: 0.9rem;
}
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, monospace; font-size: 0.875em; }
pre {
  margin: 0.4rem 0; padding: 0.75rem; border: 1px solid var(--line); border-radius: 10px; background: var(--paper);
  overflow-x: auto; line-height: 1.45; overflow-wrap: normal;
}
details { border: 1px solid var(--line); border-radius: 12px; background: var(--card); margin: 0.5rem 0; }
summary {
  cursor: pointer; padding: 0.7rem 0.85rem; list-style: none; display: flex; flex-wrap: wrap; gap: 0.2rem 0.6rem;
  align-items: baseline;
}
summary::-webkit-details-marker { display: none; }
summary .what { color: var(--soft); flex: 1 1 14rem; font-size: 0.92rem; }
details[open] summary { border-bottom: 1px solid var(--line); }
.inside { padding: 0.4rem 0.85rem 1rem; }
.who { color: var(--soft); font-size: 0.9rem; }
.method { font: 600 0.75rem/1 ui-monospace, monospace; letter-spacing: 0.04em; min-width: 3.6rem; }
.get { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); }
.patch { color: var(--patch); } .delete { color: var(--delete); } .head { color: var(--head); }
var { font-style: normal; color: var(--accent); }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; overflow-wrap: break-word; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.6rem 0.4rem 0; border-top: 1px solid var(--line); }
th { font-weight: 500; }
tr:target { background: color-mix(in srgb, var(--accent) 18%, transparent); }
.wide { overflow-x: auto; }
@media print { details { break-inside: avoid; } nav { display: none; } }
`
