/** How every page looks: light, dark, on paper, narrow. Colours differ in lightness, and signs say the same. */
export const pageStyle = `
:root{color-scheme:light dark;--bg:#fbfaf7;--ink:#1d2226;--soft:#545d64;--line:#d5d3cb;--card:#fff;--goes:#a3241b;--comes:#1f6f8b;--same:#6b6558;--focus:#0b57d0;--mark:#f0ede3}
@media (prefers-color-scheme:dark){:root{--bg:#15181b;--ink:#e8e6e1;--soft:#a9b0b6;--line:#363c42;--card:#1d2125;--goes:#ff9a8a;--comes:#7cc7e0;--same:#b5ae9e;--focus:#a8c7fa;--mark:#272d33}}
*{box-sizing:border-box}
html{font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;background:var(--bg);color:var(--ink)}
body{max-width:74rem;margin:0 auto;padding:1.2rem clamp(.7rem,3vw,2rem) 3rem}
h1{font-size:1.5rem;line-height:1.2;margin:0 0 .3rem}
h2{font-size:1.1rem;margin:1.8rem 0 .6rem}
h3{font-size:.95rem;margin:1.2rem 0 .4rem}
p{margin:.25rem 0}
.verdict{font-size:1.1rem;font-weight:600}
.facts{color:var(--soft)}
code,.n{font-variant-numeric:tabular-nums}
code{font-family:ui-monospace,"Liberation Mono",Menlo,monospace;overflow-wrap:anywhere}
.command{display:flex;gap:.6rem;align-items:center;flex-wrap:wrap;margin:.7rem 0;padding:.55rem .7rem;background:var(--mark);border-left:4px solid var(--comes)}
.command code{flex:1 1 14rem}
button,select,input{font:inherit;color:inherit;background:var(--card);border:1px solid var(--soft);border-radius:4px;padding:.28rem .6rem;min-height:2rem}
button{cursor:pointer}
:focus-visible{outline:3px solid var(--focus);outline-offset:1px}
.tiles{display:flex;flex-wrap:wrap;gap:.5rem;margin:.6rem 0}
.tile{display:flex;flex-direction:column;align-items:flex-start;min-width:6.2rem;padding:.45rem .7rem;background:var(--card);border:1px solid var(--line);border-radius:6px;line-height:1.2;text-align:left}
button.tile,a.tile{border-color:var(--soft)}a.tile{color:inherit;text-decoration:none}
.tile b{font-size:1.35rem;font-variant-numeric:tabular-nums}
.scale{display:flex;gap:.4rem;align-items:center;color:var(--soft);font-size:.85rem;margin:.3rem 0}.scale button[aria-pressed=true]{background:var(--ink);color:var(--bg)}
.tile[aria-pressed=true]{background:var(--ink);color:var(--bg)}
.tile.goes b{color:var(--goes)}.tile.comes b{color:var(--comes)}
.tile[aria-pressed=true] b{color:inherit}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.22rem .5rem;vertical-align:top;overflow-wrap:break-word}.bars th{overflow-wrap:anywhere}
thead th{font-weight:600;color:var(--soft);border-bottom:1px solid var(--line)}
tbody tr+tr td,tbody tr+tr th{border-top:1px solid var(--line)}
tbody th{font-weight:400}
td.n,th.n{text-align:right;white-space:nowrap}
.bars{table-layout:fixed}.bars thead th:nth-child(1),.bars thead th:nth-child(3){width:27%}.bars thead th:nth-child(4){width:6.2rem}.bars thead th:nth-child(5){width:5.4rem}
.bar{display:inline-block;height:.75rem;vertical-align:middle;border-radius:2px}
.bar.goes{background:repeating-linear-gradient(45deg,var(--goes) 0 4px,var(--card) 4px 6px);border:1px solid var(--goes)}
.bar.comes{background:var(--comes)}
.left{text-align:right}
.days{display:flex;align-items:flex-end;gap:2px;height:5rem;border-bottom:1px solid var(--soft);margin-top:.4rem}
.days span{flex:1 1 0;min-width:2px;background:var(--comes)}
.days .out,.key .out{background:repeating-linear-gradient(45deg,var(--same) 0 3px,var(--card) 3px 5px);border:1px solid var(--same)}
.key span{display:inline-block;width:.9rem;height:.75rem;vertical-align:middle}.key .in{background:var(--comes)}
@media screen{.wide{overflow-x:auto}}.days span[style*="height: 0"]{border:0}
summary{cursor:pointer;padding:.2rem 0}
.axis{display:flex;justify-content:space-between;color:var(--soft);font-size:.85rem}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.words{display:grid;grid-template-columns:6.5rem 1fr;gap:.15rem .6rem;margin:0}
.words dt{font-weight:600}.words dd{margin:0}.words ul{margin:0;padding-left:1rem}
.words .bad{color:var(--goes)}
.controls{display:flex;flex-wrap:wrap;gap:.5rem;align-items:end;margin:.5rem 0}
.controls label{display:flex;flex-direction:column;font-size:.85rem;color:var(--soft)}
.controls label:first-child{flex:1 1 14rem}
.controls input,.controls select{color:var(--ink);max-width:100%}
.grid{border:1px solid var(--line);background:var(--card);border-radius:4px;overflow:hidden}
.row{display:grid;grid-template-columns:4.2rem minmax(6rem,1.5fr) 5rem minmax(5rem,1.2fr) minmax(6rem,1.4fr) minmax(8rem,2.4fr) 6.4rem 5.6rem;gap:.5rem;padding:0 .5rem;align-items:center}
.row>*{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.row .n{text-align:right}
.head button{border:0;background:none;padding:.2rem 0;min-height:1.6rem;font-weight:600;width:100%;text-align:inherit;overflow:hidden;text-overflow:ellipsis}
.head{position:sticky;top:0;z-index:1;background:var(--card);border-bottom:1px solid var(--line)}.rows{position:relative}
.scroll{position:relative;max-height:min(32rem,70vh);overflow:auto}
.rows .row{position:absolute;left:0;right:0;height:30px;border-bottom:1px solid var(--line)}
.rows .row.active{background:var(--mark);outline:2px solid var(--focus);outline-offset:-2px}
.k-goes{color:var(--goes);font-weight:600}.k-comes{color:var(--comes);font-weight:600}
.trouble{border-left:4px solid var(--goes);padding:.1rem .7rem;margin:.5rem 0}
footer{margin-top:2rem;color:var(--soft);font-size:.9rem}
@media (max-width:760px){.bars thead th:nth-child(4){width:5.6rem}.bars thead th:nth-child(5),.bars td:nth-child(5){display:none}.bars thead th:nth-child(1),.bars thead th:nth-child(3){width:26%}th,td{padding:.22rem .3rem}.row{grid-template-columns:3.8rem 1fr 5.4rem;grid-auto-flow:row;gap:0 .4rem}.row>:nth-child(3),.row>:nth-child(4),.row>:nth-child(5),.row>:nth-child(7){display:none}.row>:nth-child(2){order:0}.row>:nth-child(6){order:3;grid-column:1/-1}.rows .row{height:52px}.words{grid-template-columns:1fr}}
@media (prefers-reduced-motion:no-preference){.tile{transition:background-color .12s}}
@media print{:root{--bg:#fff;--card:#fff;--ink:#000;--soft:#333}body{padding:0;max-width:none}html{font-size:10pt}.messages,button:not(.tile),.scale{display:none}.command{border:1px solid #000}h2{break-after:avoid}}
`;
