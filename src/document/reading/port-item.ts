import type { PortTerm } from './model.ts';

interface ItemReading {
  readonly terms: readonly PortTerm[];
  readonly review: readonly string[];
}

type Range = readonly [number, number];

const NUMBER = '\\d{1,5}';
const RANGE = `${NUMBER}(?: ?(?:-|to|\\.\\.|:) ?${NUMBER})?`;
const ONE_RANGE = new RegExp(`^(${NUMBER})(?: ?(?:-|to|\\.\\.|:) ?(${NUMBER}))?$`, 'i');
const SLASHES = new RegExp(`^${RANGE}(?: ?/ ?${RANGE})+$`, 'i');
const OPEN =
  /^(?:(>=?|≥) ?(\d{1,5})|(\d{1,5}) ?(?:\+|or (?:above|higher|greater)|and (?:above|higher|up)))$/i;
const BEFORE_NAME = new RegExp(`^(${RANGE}) ?(?:/|-|:)? ?([^\\d\\s/:(-].*)$`, 'i');
const IN_BRACKETS = new RegExp(`^(${RANGE}) ?\\(([^()]*)\\)$`, 'i');
const AFTER_NAME = new RegExp(`^([a-z][a-z0-9 ._-]*?) ?[(:/-]? ?(${RANGE})\\)?$`, 'i');
const UNKNOWN =
  /^(?:an? |the )?(?:(?:user|site|admin(?:istrator)?|customer)[- ]?(?:defined|specific|specified)|custom|configurable|configured|as configured|dynamic|dynamically assigned|random|ephemeral|others?|other ports|various|variable|varies|tbd|to be defined)(?: (?:ports?|ranges?|port ranges?|high ports?))?$/i;
/** Words after a port that say when, or whether, it is the port. */
const CONDITION =
  /\b(?:if|only|when|unless|default|configurable|optional|example|e\.?g|i\.?e|or|except|not|no|higher|above|up|least|most|until|changeable|custom|and)\b/i;

/** Words that turn a number into something else than the port. */
const NOT_PORT =
  /\b(?:not|no|except|without|other than|below|under|less|see|section|table|note|step|chapter|page|appendix|version|rfc|figure)\b/i;

/** What one part of a list of ports says; undefined where it cannot be read. */
export function matchItem(part: string): ItemReading | undefined {
  if (UNKNOWN.test(part)) return unknown(part);
  const plain = rangeOf(part);
  if (plain !== undefined) return reading([range(plain)]);
  const slashed = part.replace(/ ?\([a-z][^()\d]*\)$/i, '');
  if (SLASHES.test(slashed)) return slashes(slashed);
  if (/ or /i.test(part)) return alternatives(part);
  return open(part) ?? named(part);
}

const reading = (terms: readonly PortTerm[], review: readonly string[] = []): ItemReading => ({
  terms,
  review,
});
const range = ([from, to]: Range): PortTerm => ({ kind: 'range', from, to });

/** A port or a range; no number above 65535, none with a zero before it, none backwards. */
function rangeOf(text: string): Range | undefined {
  const match = ONE_RANGE.exec(text.trim());
  if (match === null) return undefined;
  const [low = '', high = low] = [match[1], match[2]];
  const [from, to] = [Number(low), Number(high)];
  if (low.startsWith('0') || high.startsWith('0') || from > to || to > 65535) return undefined;
  return [from, to];
}

/** `80 / 443`: a choice, as most tables mean it. `25/587` can be either or both, and nobody but the site knows. */
function slashes(part: string): ItemReading | undefined {
  const spaced = part.includes(' / ');
  const why = spaced
    ? `\`${part}\` is read as a choice: one of the ports is enough. Where all are needed, list them.`
    : `\`${part}\` can mean one of the ports or all of them. It is read as a choice that the site decides.`;
  return choice(part.split('/'), [why]);
}

/** `80 or 443`, `25 (SMTP) or 587 (submission)`. */
function alternatives(part: string): ItemReading | undefined {
  const options: Range[] = [];
  const review: string[] = [];
  for (const one of part.split(/ or /i)) {
    const found = named(one.trim()) ?? plainReading(one);
    const [term] = found?.terms ?? [];
    if (found === undefined || term?.kind !== 'range') return undefined;
    options.push([term.from, term.to]);
    review.push(...found.review);
  }
  return reading([{ kind: 'choice', options }], review);
}

function plainReading(text: string): ItemReading | undefined {
  const found = rangeOf(text);
  return found === undefined ? undefined : reading([range(found)]);
}

function choice(parts: readonly string[], review: readonly string[]): ItemReading | undefined {
  const options = parts.map(rangeOf);
  if (options.some((option) => option === undefined)) return undefined;
  return reading([{ kind: 'choice', options: options as Range[] }], review);
}

function unknown(part: string): ItemReading {
  const one = /\brange\b/i.test(part) ? 'range' : 'ports';
  return reading(
    [{ kind: 'unknown', one }],
    [`Which ports \`${part}\` means is known to the site only: it sets the parameter.`],
  );
}

function open(part: string): ItemReading | undefined {
  const [, sign, above, from] = OPEN.exec(part) ?? [];
  const low = Number(above ?? from) + (sign === '>' ? 1 : 0);
  if (!(low >= 1 && low <= 65535)) return undefined;
  return reading([range([low, 65535])], [`\`${part}\` is read as ${low}-65535.`]);
}

/** A port beside a name: `123/NTP`, `443 (HTTPS)`, `SSH 22`, `LDAPS: 636`. */
function named(part: string): ItemReading | undefined {
  const [, first, after] = IN_BRACKETS.exec(part) ?? BEFORE_NAME.exec(part) ?? [];
  const [, before, last] = first === undefined ? (AFTER_NAME.exec(part) ?? []) : [];
  const found = rangeOf(first ?? last ?? '');
  const name = (after ?? before ?? '').trim();
  // A second number would be lost; a version or a name such as `X11` is none.
  if (found === undefined || NOT_PORT.test(name) || /(?:^|[\s/(,:-])\d{2,}/.test(name)) return undefined;
  if (/^\d$/.test(name))
    return reading([range(found)], [`\`(${name})\` in \`${part}\` is taken for a footnote.`]);
  if (isPlainName(part, name, found)) return reading([range(found)]);
  return reading([range(found)], [`\`${part}\` says more than its port; only the port is read.`]);
}

/** Whether a text beside a port is nothing but the name of a service. `3 nodes` is not, `10 Gbit` neither. */
function isPlainName(part: string, name: string, [from]: Range): boolean {
  if (CONDITION.test(name) || UNKNOWN.test(name) || name.split(' ').length > 4) return false;
  const marked = part.includes('/') || part.includes('(') || part.includes(':') || part.includes(' - ');
  return marked || (from >= 20 && !name.includes(' '));
}
