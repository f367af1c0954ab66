import type { PortTerm } from './model.ts';
import { matchItem } from './port-item.ts';

/** A term with the transport protocols that the cell names beside it (`53/udp`); empty where it names none. */
export interface PortItem {
  readonly term: PortTerm;
  readonly transports: readonly string[];
}

/** What a cell of ports is taken to mean. */
export interface PortReading {
  /** `any`: all ports; `none`: the cell is empty or says that there are none; `some`: the items. */
  readonly extent: 'any' | 'none' | 'some';
  readonly items: readonly PortItem[];
  /** Transport protocols beside `any` or alone in the cell. */
  readonly transports: readonly string[];
  /** Parts that could not be read; each is an item of unknown ports too. */
  readonly unread: readonly string[];
  /** Guesses, as sentences. */
  readonly review: readonly string[];
}

const NONE = /^(?:[-–—]+|n\/?a|n\.a\.|none|not applicable)?$/i;
const ANY = /^(?:any|all|\*|any ports?|all ports?|1-65535|0-65535)$/i;
/** Protocols without ports, which some tables write where ports belong. */
const PORTLESS = /^(icmpv6|icmp|esp|ah|gre|vrrp|igmp)\b(.*)$/i;
const TRANSPORTS = 'tcp|udp|sctp|dccp';
const PREFIX = new RegExp(`^(${TRANSPORTS})(?:\\s?[/+&]\\s?(${TRANSPORTS}))?(?![a-z0-9])[:/ -]{0,3}`, 'i');
const MIDDLE = new RegExp(`^([\\d -]{1,20}) ?/ ?(${TRANSPORTS}) ?/ ?(?!(?:${TRANSPORTS})\\b)([a-z].*)$`, 'i');
const SUFFIX = new RegExp(
  `(?:[/ (:-]{1,3}|(?<=\\d))(${TRANSPORTS})(?:\\s?[/+&]\\s?(${TRANSPORTS}))?\\)?$`,
  'i',
);

/** A cell longer than this is prose. */
const LONGEST_CELL = 2000;

/** Reads a cell of ports. Nothing that it says is dropped: what cannot be read is under `unread`. */
export function readPorts(cell: string): PortReading {
  const text = cell
    .replace(/[‐‑‒–—−]/g, '-')
    .replace(/[ \t\u00a0]+/g, ' ')
    .replace(/ ?and (?:above|higher|up(?:wards)?)\b/gi, '+')
    .trim();
  const state = new Collector();
  if (text.length > LONGEST_CELL) state.addUnread(`${text.slice(0, 60)}…`, []);
  else if (NONE.test(text)) return state.result('none');
  else for (const segment of text.split(/[;\n]/)) readSegment(segment.trim(), state);
  return state.result();
}

class Collector {
  readonly items: PortItem[] = [];
  readonly loose = new Set<string>();
  readonly unread: string[] = [];
  readonly review: string[] = [];
  any = false;

  addUnread(part: string, transports: readonly string[]): void {
    this.unread.push(part);
    this.items.push({ term: { kind: 'unknown', one: 'ports' }, transports });
  }

  result(
    extent: PortReading['extent'] = this.any ? 'any' : this.items.length > 0 ? 'some' : 'none',
  ): PortReading {
    const review = [...this.review];
    if (this.any && this.items.length > 0) review.push('The cell has single ports beside all ports.');
    return { extent, items: this.items, transports: [...this.loose], unread: this.unread, review };
  }
}

/** A line, or what stands between semicolons: a protocol at its beginning or end holds for all of it. */
function readSegment(written: string, state: Collector): void {
  const segment = joinThousands(written, state);
  let current: readonly string[] = [];
  let pending: readonly string[] = [];
  const from = state.items.length;
  for (const part of splitList(segment)) {
    const { core, before, after } = withoutTransports(part);
    if (before.length > 0) current = [...pending, ...before];
    if (core === '') {
      pending = [...pending, ...before, ...after];
      for (const one of pending) state.loose.add(one);
      continue;
    }
    pending = [];
    const transports = after.length > 0 ? after : current;
    if (after.length > 0 && current.length === 0) spreadBack(state, from, after, segment);
    readItem(core, transports, state);
  }
}

/** `80, 443 (TCP)`: the protocol at the end is taken for the ports before it too. */
function spreadBack(state: Collector, from: number, transports: readonly string[], segment: string): void {
  let spread = false;
  for (let i = from; i < state.items.length; i++) {
    const item = state.items[i] as PortItem;
    if (item.transports.length > 0) continue;
    state.items[i] = { ...item, transports };
    spread = true;
  }
  if (spread)
    state.review.push(`In \`${segment}\` the protocol at the end is taken for all ports before it.`);
}

/** The parts between commas and "and", parentheses kept whole. */
function splitList(segment: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const piece of segment.split(/([(),]|\s(?:and|&|\+)\s)/i)) {
    if (piece === '(') depth++;
    if (piece === ')') depth = Math.max(0, depth - 1);
    if (depth === 0 && /^(?:,|\s(?:and|&|\+)\s)$/i.test(piece)) {
      parts.push(part.trim());
      part = '';
    } else part += piece;
  }
  parts.push(part.trim());
  return parts.filter((one) => one !== '');
}

function withoutTransports(part: string): {
  core: string;
  before: readonly string[];
  after: readonly string[];
} {
  const named = (match: RegExpExecArray | null): string[] =>
    (match?.slice(1) ?? []).filter((one) => one !== undefined).map((one) => one.toLowerCase());
  const middle = MIDDLE.exec(part);
  if (middle !== null)
    return { core: `${middle[1]}/${middle[3]}`, before: [], after: [(middle[2] ?? '').toLowerCase()] };
  const prefix = PREFIX.exec(part);
  const rest = prefix === null ? part : part.slice(prefix[0].length);
  const suffix = SUFFIX.exec(rest);
  const core = (suffix === null ? rest : rest.slice(0, suffix.index)).replace(/^ports?[ :]+/i, '').trim();
  return { core, before: named(prefix), after: named(suffix) };
}

const GROUPED = '(?<![\\d,])(\\d{1,2}),(\\d{3})';
const GROUPED_RANGE = new RegExp(`${GROUPED} ?(?:-|to) ?(\\d{1,2}),(\\d{3})(?![\\d,])`, 'gi');
const GROUPED_NUMBER = new RegExp(`${GROUPED}(?![\\d,])`, 'g');

/**
 * `1,024-65,535` and `8,080` are written with a separator, because no port begins with a zero. `22,443` can be one number
 * or two ports; only a whole above 65535 excludes the first.
 */
function joinThousands(segment: string, state: Collector): string {
  const ranges = segment.replace(GROUPED_RANGE, (whole, a: string, b: string, c: string, d: string) => {
    const [from, to] = [`${a}${b}`, `${c}${d}`];
    if (Number(from) > Number(to) || Number(to) > 65535) return whole;
    state.review.push(`\`${whole}\` is read as ${from}-${to}.`);
    return `${from}-${to}`;
  });
  return ranges.replace(GROUPED_NUMBER, (whole, high: string, low: string) => {
    if (Number(`${high}${low}`) > 65535) return whole;
    const one = low.startsWith('0');
    state.review.push(
      one
        ? `\`${whole}\` is read as the port ${high}${low}.`
        : `\`${whole}\` is read as the ports ${high} and ${low}, not as the port ${high}${low}.`,
    );
    return one ? `${high}${low}` : whole;
  });
}

function readItem(core: string, transports: readonly string[], state: Collector): void {
  if (ANY.test(core)) {
    state.any = true;
    for (const one of transports) state.loose.add(one);
    return;
  }
  const [, portless, more = ''] = PORTLESS.exec(core) ?? [];
  if (portless !== undefined) {
    state.loose.add(portless.toLowerCase());
    if (more !== '')
      state.review.push(`\`${core}\` says more than its protocol; all of its types are taken.`);
    return;
  }
  const found = matchItem(core);
  if (found === undefined) state.addUnread(core, transports);
  else {
    for (const term of found.terms) state.items.push({ term, transports });
    state.review.push(...found.review);
  }
}
