import { verbatim } from './template.ts';

/** The heat map: each state has a colour, a sign and a pattern of its own. */
export const MATRIX = verbatim`
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.9em}
.mark{white-space:nowrap;font-variant-numeric:tabular-nums}
.mark.open{color:var(--good)}.mark.missing,.mark.prohibited{color:var(--bad);font-weight:600}
.mark.excessive,.mark.undetermined{color:var(--warn);font-weight:600}.mark.waived{color:var(--quiet)}
.matrix{width:auto;border-collapse:separate;border-spacing:2px}
.matrix th,.matrix td{border:0;padding:.3rem .5rem;vertical-align:middle}
.matrix thead th{height:1px;vertical-align:bottom}
.matrix thead span{writing-mode:vertical-rl;transform:rotate(180deg);display:inline-block;white-space:nowrap;max-height:16rem}
.matrix tbody th{text-align:right;white-space:nowrap;font-weight:500;font-size:.93em}
.matrix tbody td{min-width:3.2rem;text-align:center;background:var(--panel)}
.matrix tbody td:empty{background:none;border:1px dotted var(--line)}
.matrix td.open{background:var(--good-bg)}
.matrix td.missing{background:var(--bad-bg);outline:1px dashed var(--bad);outline-offset:-2px}
.matrix td.missing.all{outline-width:2px}
.matrix td.excessive,.matrix td.undetermined{background:var(--warn-bg)}
.matrix td.excessive{outline:2px solid var(--warn);outline-offset:-2px}
.matrix td.prohibited{background:var(--bad-bg);outline:3px double var(--bad);outline-offset:-3px}
`;

/** The diagram: solid is documented and open, dashed is missing, thick is too much, thick and dotted is prohibited. */
export const DIAGRAM = verbatim`
.diagram{margin:1.2rem 0}
.diagram svg{display:block;max-width:none;height:auto}
.diagram .node rect{fill:var(--panel);stroke:var(--quiet)}
.diagram text{font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;text-anchor:middle;fill:var(--ink);font-size:12px}
.diagram .label{font-size:10.5px;stroke:var(--bg);stroke-width:4px;paint-order:stroke}
.diagram .label.open{fill:var(--good)}.diagram .label.missing,.diagram .label.prohibited{fill:var(--bad)}.diagram .label.excessive{fill:var(--warn)}
.diagram .edge{fill:none;stroke-width:1.4}
.edge.open{stroke:var(--good)}.edge.missing{stroke:var(--bad);stroke-dasharray:6 4}.edge.excessive{stroke:var(--warn);stroke-width:3.5}
.edge.prohibited{stroke:var(--bad);stroke-width:4;stroke-dasharray:2 3}
.arrow.open{fill:var(--good)}.arrow.missing{fill:var(--bad)}.arrow.excessive{fill:var(--warn)}.arrow.prohibited{fill:var(--bad)}
.key{margin-right:1.2rem}.key.open{color:var(--good)}.key.missing{color:var(--bad)}.key.excessive{color:var(--warn);font-weight:600}.key.prohibited{color:var(--bad);font-weight:600}
`;
