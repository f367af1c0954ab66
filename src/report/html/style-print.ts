import { verbatim } from './template.ts';

/**
 * On paper: light whatever the screen's scheme, everything unfolded (what is folded on paper is lost), the heads of tables
 * repeated on each page, and nothing that scrolls.
 */
export const PRINT = verbatim`
@page{size:A4;margin:16mm 14mm 18mm;@bottom-right{content:"Page " counter(page) " of " counter(pages);font:8pt system-ui,sans-serif;color:#4a4f57}@bottom-left{content:"Firewall compliance report";font:8pt system-ui,sans-serif;color:#4a4f57}}
@media print{
:root{color-scheme:light;--bg:#fff;--ink:#000;--quiet:#4a4f57;--line:#c4c8ce;--panel:#f2f3f4;--link:#000;
--bad:#8a1008;--bad-bg:#fae5e2;--warn:#6b4000;--warn-bg:#faeed6;--good:#115230;--good-bg:#e4f2e9;--blue:#173f63;--blue-bg:#e4ecf5;--mark:#faf2d0}
body{max-width:none;padding:0;font-size:9.5pt;line-height:1.4;print-color-adjust:exact;-webkit-print-color-adjust:exact}
h1{font-size:22pt;margin-top:18mm}
h2{break-before:page;margin-top:0;font-size:14pt}
#cover h2{break-before:auto;margin-top:8mm}
#limits h2,#excessive h2,#conflicts h2,#waivers h2,#sign-off h2{break-before:auto;margin-top:8mm}
h2,h3,summary,figcaption,h2+p,h3+p,.finding .where{break-after:avoid}
h2+p,h3+p{break-inside:avoid}
.tiles{grid-template-columns:repeat(5,1fr)}
thead{display:table-header-group}
tr,figure,.finding h3,.tiles,.diagram{break-inside:avoid}
.finding{border-left-width:3px}
.scroll{overflow:visible}
details::details-content{content-visibility:visible;display:block;height:auto}
summary{list-style:none;color:inherit;font-weight:600}
nav,.skip,.tools{display:none}
a{text-decoration:none}
pre{white-space:pre-wrap}
.diagram svg{max-width:100%;max-height:230mm}
.matrix{font-size:7.5pt}
.matrix th,.matrix td{padding:.12rem .2rem}
.matrix tbody td{min-width:0}
#sign-off{break-inside:avoid}
footer{break-inside:avoid}
}
`;
