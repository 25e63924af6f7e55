import { darkVariables, lightVariables } from './theme.js'

const BASE = `
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%;scroll-padding-top:1.5rem}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums lining-nums;overflow-wrap:anywhere}
a{color:var(--c1);text-underline-offset:.2em;text-decoration-thickness:1px}
:focus-visible{outline:2px solid var(--c1);outline-offset:3px;border-radius:3px}
.skip{position:absolute;left:-999rem;top:.5rem;background:var(--paper);padding:.5rem 1rem;z-index:9}
.skip:focus{left:.5rem}
.mast,main,footer{max-width:980px;margin-inline:auto;padding-inline:clamp(1rem,4vw,2.5rem)}
.mast{padding-top:2rem}
.mast .line{display:flex;gap:1rem;align-items:center;justify-content:space-between}
.mark{font-weight:700;letter-spacing:-.02em;display:flex;align-items:center;gap:.5rem}
.mark svg{width:26px;height:18px}
h1{font-size:1.05rem;font-weight:500;color:var(--ink-2);margin:1.6rem 0 0}
.meta{color:var(--ink-2);font-size:.875rem;margin:.15rem 0 0}
nav{margin-top:1.4rem;border-block:1px solid var(--grid);padding:.55rem 0;font-size:.875rem}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin:0;padding:0}
nav a{color:var(--ink-2);text-decoration:none;display:inline-block;padding:.15rem 0}
nav a:hover{color:var(--c1);text-decoration:underline}
section{margin-top:4rem}
section#answer{margin-top:2.4rem}
h2{font-size:1.45rem;line-height:1.25;letter-spacing:-.015em;font-weight:650;margin:0 0 .5rem}
h3{font-size:1.02rem;line-height:1.35;font-weight:650;margin:0}
h4{font-size:.95rem;margin:1.6rem 0 .4rem}
p{margin:.5rem 0;max-width:70ch}
.lead{color:var(--ink-2)}
.verdict{font-size:clamp(1.45rem,1.1rem + 1.7vw,2.15rem);line-height:1.24;letter-spacing:-.022em;font-weight:600;max-width:34ch;margin:0 0 1rem;text-wrap:balance}
.verdict.of{font-size:1.2rem;letter-spacing:-.01em;max-width:60ch;margin:2rem 0 .4rem}
.sub{font-size:1.06rem;color:var(--ink-2);max-width:62ch}
.sub b{color:var(--ink);font-weight:600}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:0;margin:2rem 0;border-top:1px solid var(--line);border-bottom:1px solid var(--line)}
.tiles div{padding:1rem 1.2rem 1rem 0}
.tiles dt{font-size:.8125rem;color:var(--ink-2)}
.tiles dd{margin:.1rem 0 0;font-size:1.45rem;line-height:1.2;font-weight:600;letter-spacing:-.02em;overflow-wrap:normal}
.tiles dd span{font-size:.95rem;font-weight:500;letter-spacing:0}
.tiles dd small{display:block;font-size:.8125rem;font-weight:400;letter-spacing:0;color:var(--ink-2);margin-top:.25rem;line-height:1.4}
.box{border:1px solid var(--line);border-left:5px solid var(--tone);border-radius:6px;padding:1rem 1.25rem;margin:1.4rem 0;background:var(--panel)}
.box h3,.tone{color:var(--tone)}
.box ul{margin:.5rem 0 0;padding-left:1.1rem}
.box li{margin:.4rem 0}
.box li span{color:var(--ink-2)}
.box tbody th,.box thead th:first-child{background:var(--panel)}
.good{--tone:var(--good)}.warn{--tone:var(--warn)}.bad{--tone:var(--bad)}.calm{--tone:var(--ink-2)}
td.good,td.warn,td.bad,td .tone{color:var(--tone)}
figure{margin:2.2rem 0 2.6rem}
figcaption p{color:var(--ink-2);margin:.25rem 0 1rem;font-size:.9375rem}
.chart{line-height:0;border-radius:4px}
.chart svg{width:100%;height:auto;display:block;overflow:visible}
.chart .wide svg{max-width:912px}
.chart .narrow svg{max-width:480px}
.chart text{font-family:inherit}
.chart .lit{stroke:var(--ink);stroke-width:3}
.narrow{display:none}
@media (max-width:760px){.wide{display:none}.narrow{display:block}}
.scroll{overflow-x:auto;max-width:100%;margin-top:.6rem;-webkit-overflow-scrolling:touch}
table{border-collapse:collapse;font-size:.875rem;line-height:1.4;min-width:min(100%,24rem)}
caption{text-align:left;color:var(--ink-2);font-size:.8125rem;padding:0 0 .4rem;caption-side:top}
caption span{display:block;position:sticky;left:0;width:fit-content;max-width:min(100%,calc(100vw - 2.2rem))}
tbody th,thead th:first-child{position:sticky;left:0;background:var(--paper)}
th,td{padding:.42rem 1.4rem .42rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--grid);white-space:nowrap}
th:last-child,td:last-child{padding-right:.2rem}
thead th{font-weight:500;color:var(--ink-2);border-bottom-color:var(--line);vertical-align:bottom}
tbody th{font-weight:500}
.n{text-align:right}
td.wrap,td .wrap{white-space:normal;min-width:16rem;display:block;max-width:52ch}
td small{color:var(--ink-2)}
details{margin:.8rem 0}
summary{cursor:pointer;font-size:.875rem;color:var(--ink-2);width:fit-content}
summary:hover{color:var(--c1)}
details.data[open]{padding-bottom:.5rem}
.bar{display:flex;gap:.5rem;margin:.5rem 0;line-height:1.5}
.chart+.bar{width:fit-content;margin:.1rem 0 -1.9rem auto;position:relative}
button{font:inherit;font-size:.8125rem;color:var(--ink-2);background:none;border:1px solid var(--line);border-radius:5px;padding:.15rem .6rem;cursor:pointer}
button:hover{color:var(--ink);border-color:var(--ink-2)}
.scroll+.bar button{border:0;padding:0;text-decoration:underline;text-decoration-color:var(--line);text-underline-offset:.25em}
.tip{position:absolute;z-index:8;background:var(--ink);color:var(--paper);font-size:.8125rem;line-height:1.4;padding:.35rem .6rem;border-radius:5px;pointer-events:none;max-width:min(22rem,92vw);width:max-content}
.tip[hidden]{display:none}
pre,code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
pre{background:var(--panel);border:1px solid var(--grid);border-radius:6px;padding:.9rem 1.1rem;overflow-x:auto;line-height:1.5;margin:.7rem 0}
.flag{font-size:1.15rem;font-weight:600;display:inline-block;background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.4rem .8rem;margin:.3rem .5rem .3rem 0}
ol.sum{padding-left:1.2rem;margin:.6rem 0}
ol.sum li{margin:.2rem 0}
.two{display:grid;grid-template-columns:1fr 1fr;gap:1rem 3rem}
.two>*{min-width:0}
@media (max-width:760px){.two{grid-template-columns:1fr}}
.ev{list-style:none;padding:0;margin:.7rem 0}
.ev li{padding-left:1.7rem;position:relative;margin:.45rem 0}
.ev li::before{content:attr(data-sign);position:absolute;left:0;color:var(--tone);font-weight:700}
.facts{margin:1rem 0;font-size:.9375rem}
.facts div{display:grid;grid-template-columns:minmax(8rem,15rem) 1fr;gap:.2rem 1.5rem;padding:.4rem 0;border-bottom:1px solid var(--grid)}
.facts dt{color:var(--ink-2)}
.facts dd{margin:0}
@media (max-width:760px){tbody th{white-space:normal;min-width:7rem;max-width:9.5rem}th,td{padding-right:1rem}}
@media (max-width:520px){.facts div{grid-template-columns:1fr}}
.defs dt{font-weight:600;margin-top:1.1rem}
.defs dd{margin:.15rem 0 0;color:var(--ink-2);font-size:.9375rem;max-width:76ch}
footer{margin-top:5rem;padding-block:1.5rem 3rem;color:var(--ink-2);font-size:.8125rem}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
@media (forced-colors:active){.chart{forced-color-adjust:none}}
`

const PRINT = `
@media print{
@page{margin:16mm 14mm}
html{color-scheme:light;font-size:11pt}
body{font-size:10.5pt}
.mast,main,footer{max-width:none;padding-inline:0}
nav,.bar,button,.tip,.skip{display:none!important}
.wide{display:block!important}.narrow{display:none!important}
section{margin-top:2rem}
h2,h3,figcaption{break-after:avoid}
figcaption,.chart,.box,tr,.tiles{break-inside:avoid}
details>summary{list-style:none}
details::details-content{content-visibility:visible!important;display:block!important;block-size:auto!important}
details:not([open])>*{display:block}
.scroll{overflow:visible}
th,td{white-space:normal;padding-right:.8rem}
.dense table{table-layout:fixed;width:100%;font-size:6pt}
.dense:has(.wrap) th:last-child{width:24%}
.dense th,.dense td,.dense .wrap{padding-right:.25rem;overflow-wrap:anywhere;min-width:0}
a{color:inherit;text-decoration:none}
}
`

/** The page's whole style sheet: light unless the reader's system, or the switch on the page, says dark; print is light. */
export const STYLE: string = [
  `:root{${lightVariables}}`,
  `@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){${darkVariables}}}`,
  `@media screen{:root[data-theme=dark]{${darkVariables};color-scheme:dark}:root[data-theme=light]{color-scheme:light}}`,
  BASE,
  PRINT,
].join('\n')
