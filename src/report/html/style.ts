import { join, verbatim } from './template.ts';
import { PRINT } from './style-print.ts';
import { DIAGRAM, MATRIX } from './style-matrix.ts';

/** Colours, twice: every text has a contrast of at least 4.5 to 1 to what is behind it (WCAG 2.2, 1.4.3), measured by axe. */
const COLOURS = verbatim`
:root{color-scheme:light dark;--bg:#fff;--ink:#1a1c20;--quiet:#555c66;--line:#d8dbe0;--panel:#f5f6f7;--link:#1a4f8b;
--bad:#9b1c14;--bad-bg:#fcebe8;--warn:#754600;--warn-bg:#fdf1dc;--good:#17633a;--good-bg:#e7f4ec;--blue:#1f4e79;--blue-bg:#e8f0f8;--mark:#fdf6d8}
@media (prefers-color-scheme:dark){:root{--bg:#15171a;--ink:#e4e6e9;--quiet:#a3abb5;--line:#363b43;--panel:#1d2024;--link:#8fbdf0;
--bad:#ffa79c;--bad-bg:#3d1b18;--warn:#f3c27b;--warn-bg:#37280f;--good:#8ed6a8;--good-bg:#15301f;--blue:#9cc6ef;--blue-bg:#172a3d;--mark:#37321a}}
`;

const TEXT = verbatim`
*{box-sizing:border-box}
html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0 auto;padding:0 1.25rem 4rem;max-width:76rem;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;font-variant-ligatures:none;overflow-wrap:break-word}
h1,h2,h3{line-height:1.25;font-weight:650;text-wrap:balance}
h1{font-size:1.9rem;margin:2.2rem 0 .3rem;letter-spacing:-.015em}
h2{font-size:1.35rem;margin:3rem 0 .8rem;padding-top:.7rem;border-top:2px solid var(--ink)}
h3{font-size:1.05rem;margin:1.8rem 0 .5rem}
.finding h3{font-size:1rem;margin:0}
h3 code{font-weight:400;font-size:.85em;color:var(--quiet)}
p{margin:.5rem 0;max-width:52rem}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible,summary:focus-visible,[tabindex]:focus-visible,button:focus-visible,input:focus-visible{outline:2px solid var(--link);outline-offset:2px}
ul,ol{margin:.4rem 0;padding-left:1.3rem}
code,pre,.digest,.path{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;font-size:.86em}
code,.path,.digest,.cells{overflow-wrap:anywhere}
.digest{color:var(--quiet);font-size:.72em}
small{display:block;font-size:.85em;color:var(--quiet)}
.quiet,.none{color:var(--quiet)}
.lead{font-size:1.15rem}
.pair{margin-right:.6em}.pair b{font-weight:500;color:var(--quiet)}
.skip{position:absolute;left:-100vw;top:0;padding:.5rem 1rem;background:var(--ink);color:var(--bg)}
.skip:focus{left:0;z-index:2}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
header p{color:var(--quiet);margin:0}
nav ol{list-style:none;padding:0;margin:1.2rem 0 0;display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;font-size:.93em}
footer{margin-top:3rem;padding-top:.8rem;border-top:1px solid var(--line);color:var(--quiet);font-size:.85em}
summary{cursor:pointer;color:var(--link);padding:.15rem 0}
.tools{display:flex;flex-wrap:wrap;gap:.6rem;align-items:center;margin:1rem 0;font-size:.93em}
.tools input,.tools button{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--quiet);border-radius:4px;padding:.25rem .6rem}
.tools input{min-width:16rem;max-width:100%}
[hidden]{display:none!important}
`;

const TABLES = verbatim`
table{border-collapse:collapse;width:100%;margin:.6rem 0;font-size:.93em}
caption{text-align:left;color:var(--quiet);padding:.2rem 0}
th,td{padding:.35rem .7rem .35rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);min-width:0}
thead th{border-bottom:1.5px solid var(--quiet);font-weight:600;font-size:.88em;color:var(--quiet);vertical-align:bottom}
tbody th{font-weight:500}
.scroll{position:relative;overflow-x:auto;max-width:100%}
.numbers{width:auto}
.numbers td{font-variant-numeric:tabular-nums;text-align:right;padding-right:1rem}
.numbers thead th:not(:first-child){text-align:right;padding-right:1rem}
.numbers thead th.text:not(:first-child),.numbers td.text{text-align:left}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:.1rem 2rem;margin:.8rem 0}
.facts div{display:flex;gap:.8rem;padding:.3rem 0;border-bottom:1px solid var(--line)}
.facts dt{flex:0 0 7.5rem;color:var(--quiet)}
.facts dd{margin:0;min-width:0}.facts .digest{display:block}
.tiles{list-style:none;padding:0;display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.8rem;margin:1rem 0}
.tiles li{border-top:3px solid var(--line);padding:.5rem 0}
.tiles b{font-size:1.9rem;font-weight:600;line-height:1.1;display:block;font-variant-numeric:tabular-nums}
.tiles .missing,.tiles .conflicting{border-color:var(--bad)}
.tiles .excessive,.tiles .undetermined{border-color:var(--warn)}
.tiles .satisfied{border-color:var(--good)}
.named,.files,.coverage,.rules,.controls{table-layout:fixed}
.controls th:nth-child(1){width:48%}.controls th:nth-child(2){width:28%}
.named th:nth-child(1){width:24%}.named th:nth-child(3){width:30%}
.files th:nth-child(1){width:27%}.files th:nth-child(2){width:13%}.files th:nth-child(4){width:36%}
.coverage th:nth-child(1),.coverage th:nth-child(2){width:34%}
.coverage p{margin:.1rem 0}
.of+.of{margin-top:.35rem}
.lines{font-size:.95em;padding-left:0;list-style:none}
.rules th:nth-child(1){width:20%}.rules th:nth-child(3){width:13%}.rules th:nth-child(4){width:25%}
.sign td,.sign th{height:3.4rem;vertical-align:bottom;border-bottom-color:var(--quiet)}
.sign th{width:8rem}
`;

const PARTS = verbatim`
.sev,.tag,.state{display:inline-block;border-radius:3px;padding:.02rem .42rem;font-size:.82em;font-weight:600;white-space:nowrap;line-height:1.5}
.tag{border:1px solid var(--quiet);color:var(--ink);font-weight:500}
.state{font-weight:500}
.sev.critical{background:var(--bad);color:var(--bg)}
.sev.high,.state.bad{background:var(--bad-bg);color:var(--bad)}
.sev.medium,.state.warn{background:var(--warn-bg);color:var(--warn)}
.sev.low{background:var(--blue-bg);color:var(--blue)}
.sev.info,.state.quiet{background:var(--panel);color:var(--quiet)}
.state.good{background:var(--good-bg);color:var(--good)}
.worst li{margin:.3rem 0}
.finding{border:1px solid var(--line);border-left:4px solid var(--quiet);border-radius:3px;padding:.8rem 1rem;margin:1rem 0}
.finding.critical,.finding.high{border-left-color:var(--bad)}
.finding.medium{border-left-color:var(--warn)}
.finding.low{border-left-color:var(--blue)}
.finding .no{font-variant-numeric:tabular-nums;color:var(--quiet);font-weight:500}
.finding .where{color:var(--quiet);font-size:.93em;margin:.15rem 0 .5rem}
.finding dl{margin:.6rem 0 0;font-size:.95em}
.finding dl>div{display:grid;grid-template-columns:8rem minmax(0,1fr);gap:.2rem .8rem;padding:.3rem 0;border-top:1px solid var(--line)}
.finding dt{color:var(--quiet)}
.finding dd{margin:0;min-width:0}
.finding dd ul,.finding dd ol{margin:0;padding-left:1.2rem}
figure{margin:0 0 .5rem}
figcaption{font-size:.9em;color:var(--quiet);overflow-wrap:anywhere}
pre{margin:.15rem 0 .4rem;padding:.4rem .6rem;background:var(--panel);border-radius:3px;white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.45}
mark{background:var(--mark);color:inherit;display:inline-block;width:100%;font-weight:500}
.n{color:var(--quiet);user-select:none}
.group{margin:.8rem 0}
.group pre{margin:.3rem 0}
.places{font-size:.9em;color:var(--quiet)}
q{quotes:"“" "”"}
`;

const NARROW = verbatim`
@media screen and (max-width:44rem){
body{padding:0 .9rem 3rem}
.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stack,.stack tbody,.stack tr,.stack th,.stack td{display:block;width:auto}
.stack tr{border-bottom:1px solid var(--line);padding:.4rem 0}
.stack th,.stack td{border:0;padding:.15rem 0}
.stack th:nth-child(n){width:auto}
.rules{min-width:42rem}
.finding dl>div{grid-template-columns:minmax(0,1fr)}
.facts div{flex-wrap:wrap;gap:0 .8rem}
.numbers td,.numbers thead th:not(:first-child){padding-right:.5rem}
}
`;

/** The one style sheet. */
export const STYLE = join([COLOURS, TEXT, TABLES, PARTS, MATRIX, DIAGRAM, NARROW, PRINT]);
