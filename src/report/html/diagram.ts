import { graphlib, layout } from '@dagrejs/dagre';
import type { Relation, Traffic } from './relations.ts';
import { html, type Html } from './template.ts';

/** More than this is a knot to the eye; the matrix and the list have it all. */
const MOST_NODES = 40;
const MOST_EDGES = 120;

/** Width of a character of the diagram's font at its size, for boxes that hold their names; SVG does not wrap. */
const CHARACTER = 7.3;
const LONGEST_NAME = 34;
const LINE = 15;

const KINDS: readonly Traffic[] = ['open', 'missing', 'excessive', 'prohibited'];
const SIGNS: Readonly<Record<Traffic, string>> = { open: '✓', missing: '✕', excessive: '▲', prohibited: '‼' };
const WORDS: Readonly<Record<Traffic, string>> = {
  open: 'documented and open (solid line)',
  missing: 'documented, and missing or partly open (dashed line)',
  excessive: 'open and not documented (thick line, marked ▲)',
  prohibited: 'prohibited and open (thick dotted line, marked ‼)',
};

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly kind: Traffic;
  readonly lines: readonly string[];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The roles and what passes between them, laid out once and for all; undefined where there is nothing or too much to draw. */
export function diagram(relations: readonly Relation[]): Html | undefined {
  const edges = relations.flatMap(edgesOf);
  const names = [...new Set(edges.flatMap(({ from, to }) => [from, to]))];
  if (edges.length === 0 || names.length > MOST_NODES || edges.length > MOST_EDGES) return undefined;
  const graph = laidOut(names, edges);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const placed = (i: number): Placed => {
    const { from = '', to = '' } = edges[i] ?? {};
    return graph.edge({ v: from, w: to, name: String(i) });
  };
  const size = { width: Math.ceil(width), height: Math.ceil(height) };
  return html`<figure class="diagram"><div class="scroll" role="region" tabindex="0" aria-label="Diagram of roles">
<svg viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img" aria-labelledby="diagram-title diagram-text">
<title id="diagram-title">Connections between roles</title>
<desc id="diagram-text">${edges.map(({ from, to, kind }) => `${from} to ${to}: ${WORDS[kind]}`).join('. ')}.</desc>
<defs>${KINDS.map((kind) => html`<marker id="arrow-${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="arrow ${kind}" d="M0 0 L8 4 L0 8 z"/></marker>`)}</defs>
${edges.map((edge, i) => edgeShape(edge, placed(i), graph.node(edge.from) as Box))}
${edges.map((edge, i) => edgeLabel(edge, placed(i)))}
${names.map((name) => nodeShape(name, graph.node(name) as Box))}
</svg></div>
<figcaption>${KINDS.map((kind) => html`<span class="key ${kind}">${SIGNS[kind]} ${WORDS[kind]}</span> `)}</figcaption></figure>`;
}

interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

function edgesOf(relation: Relation): Edge[] {
  const { from, to, open, missing, excessive, prohibited, traffic } = relation;
  const counts = { open, missing, excessive, prohibited };
  return KINDS.filter((kind) => counts[kind] > 0).map((kind) => ({
    from,
    to,
    kind,
    lines: labelLines(kind, traffic[kind]),
  }));
}

/** What an edge says: up to two lines of traffic, and how many more there are. */
function labelLines(kind: Traffic, traffic: readonly string[]): string[] {
  const shown = traffic.slice(0, 2).map((text) => cut(text, 26));
  const rest = traffic.length - shown.length;
  const last = shown.length - 1;
  if (rest > 0 && last >= 0) shown[last] = `${shown[last]} +${rest}`;
  return shown.map((text, i) => (i === 0 ? `${SIGNS[kind]} ${text}` : text));
}

const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;

function laidOut(names: readonly string[], edges: readonly Edge[]) {
  const graph = new graphlib.Graph({ multigraph: true, directed: true });
  graph.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: 46, edgesep: 14, marginx: 4, marginy: 4 });
  for (const name of names)
    graph.setNode(name, { width: Math.min(name.length, LONGEST_NAME) * CHARACTER + 20, height: 30 });
  for (const [i, { from, to, lines }] of edges.entries()) {
    const width = Math.max(0, ...lines.map((line) => line.length)) * (CHARACTER - 1) + 12;
    graph.setEdge(from, to, { width, height: lines.length * LINE, labelpos: 'c' }, String(i));
  }
  layout(graph);
  return graph;
}

function nodeShape(name: string, { x, y, width, height }: Box): Html {
  return html`<g class="node"><rect x="${fixed(x - width / 2)}" y="${fixed(y - height / 2)}" width="${fixed(width)}" height="${fixed(height)}" rx="3"/><text x="${fixed(x)}" y="${fixed(y + 4)}">${cut(name, LONGEST_NAME)}</text></g>
`;
}

interface Placed {
  readonly points: readonly Point[];
  readonly x?: number;
  readonly y?: number;
}

function edgeShape(edge: Edge, placed: Placed, node: Box): Html {
  const { from, to, kind } = edge;
  const d = from === to ? loop(node, edge, placed) : curve(placed.points);
  return html`<path class="edge ${kind}" d="${d}" marker-end="url(#arrow-${kind})"/>
`;
}

/** From a box to itself, around the label below it: the layout keeps room for one, and its points are no loop. */
function loop(node: Box, { lines }: Edge, { y = 0 }: Placed): string {
  const bottom = node.y + node.height / 2;
  const lowest = y + (lines.length * LINE) / 2 + 2;
  // A cubic curve goes three quarters of the way to two control points of one height.
  const control = fixed(bottom + (lowest - bottom) / 0.75);
  const [left, right] = [node.x - node.width / 2 + 6, node.x + node.width / 2 - 6].map(fixed);
  return `M${left} ${fixed(bottom)} C${left} ${control} ${right} ${control} ${right} ${fixed(bottom)}`;
}

function edgeLabel({ kind, lines }: Edge, { x = 0, y = 0 }: Placed): Html {
  const top = y - ((lines.length - 1) * LINE) / 2 + 4;
  return html`${lines.map((line, i) => html`<text class="label ${kind}" x="${fixed(x)}" y="${fixed(top + i * LINE)}">${line}</text>`)}
`;
}

/** Through the middles of the bends, so that a line of the layout's corners becomes a smooth one. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const at = ({ x, y }: Point): string => `${fixed(x)} ${fixed(y)}`;
  let path = `M${at(first)}`;
  for (const [i, point] of rest.entries()) {
    const next = rest[i + 1];
    if (next === undefined) path += ` L${at(point)}`;
    else path += ` Q${at(point)} ${at({ x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 })}`;
  }
  return path;
}

/** Tenths are enough for a screen, and the same on every machine. */
const fixed = (value: number): string => String(Math.round(value * 10) / 10);
