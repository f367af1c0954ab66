import type { PartiesReading, RowCells, RowContext } from './model.ts';
import { type Arrow, type PartyName, type PartyReading, readArrow, readPartyCell } from './parties.ts';
import { namesEitherEnd, namesOtherEnd } from '../headings.ts';
import { type DirectionWord, goesOut, readDirection } from './words.ts';

const ANYBODY: PartyName = { kind: 'any', name: 'any' };

/** Reads the parties and the direction of a row. */
export function readParties(cells: RowCells, context: RowContext): PartiesReading {
  const review: string[] = [];
  const direction = directionOf(cells, review);
  const both = direction.word === 'both' || direction.arrow?.both === true;
  const arrow = arrowOfSource(cells, review);
  if (arrow !== undefined)
    return { ...endsOfArrow(arrow, review), bidirectional: both || arrow.both, review };
  const sources = named(cells, 'source', context, review);
  const destinations = named(cells, 'destination', context, review);
  const within = loopbackOf(sources, destinations, context, review);
  if (within !== undefined) return { ...within, bidirectional: both, review };
  if (sources !== undefined && destinations !== undefined) {
    if (direction.arrow !== undefined) compare(direction.arrow, sources, destinations, review);
    againstOwn(direction.word, context.own.name, sources, destinations, review);
    return { sources, destinations, loopback: false, bidirectional: both, review };
  }
  const ends = oneSided(cells, context, direction, sources, destinations, review);
  return { ...ends, bidirectional: both, review };
}

/** How tables call the host itself, as one end of what never leaves it. */
const LOOPBACK = /^(?:localhost|loopback|127\.\d+\.\d+\.\d+(?:\/8)?|::1)(?: only)?$/i;
const NOBODY = /^(?:[-–—]+|n\/?a|none|not applicable)$/i;
const ITSELF = /^(?:self|itself|(?:this|the same) (?:host|node|server|machine))$/i;

interface Direction {
  readonly word?: DirectionWord;
  readonly arrow?: Arrow;
  /** Whom a column such as `Source/Destination` names. */
  readonly other?: readonly PartyName[];
}

function directionOf(cells: RowCells, review: string[]): Direction {
  let found: Direction = {};
  for (const { text, heading } of cells.of('direction')) {
    if (text === '') continue;
    const word = readDirection(text);
    const arrow = word === undefined ? readArrow(text) : undefined;
    if (word !== undefined) found = { word, ...found };
    else if (arrow !== undefined) found = { arrow, ...found };
    else if (namesEitherEnd(heading)) {
      const { parties, review: guesses } = readPartyCell(text);
      review.push(...guesses);
      found = { other: parties, ...found };
    } else review.push(`\`${text}\` under \`${heading}\` is no direction that is known here.`);
  }
  return found;
}

/** `Primary ↔ Secondary` as the source, where nothing stands under the destination. */
function arrowOfSource(cells: RowCells, review: string[]): Arrow | undefined {
  const [source, ...more] = cells.of('source').filter(({ text }) => text !== '');
  if (source === undefined || more.length > 0) return undefined;
  if (cells.of('destination').some(({ text }) => text !== '')) return undefined;
  const arrow = readArrow(source.text);
  if (arrow !== undefined) review.push(`\`${source.text}\` under \`${source.heading}\` names both ends.`);
  return arrow;
}

function endsOfArrow(arrow: Arrow, review: string[]): Ends {
  const from = readPartyCell(arrow.from);
  const to = readPartyCell(arrow.to);
  review.push(...from.review, ...to.review);
  return { sources: from.parties, destinations: to.parties, loopback: false };
}

/**
 * `Localhost` beside the host itself is the host by its loopback interface. Beside another party it stays a party: what has a
 * loopback address never leaves its host (RFC 1122, 3.2.1.3), so somebody has to say what the document means.
 */
function loopbackOf(
  sources: readonly PartyName[] | undefined,
  destinations: readonly PartyName[] | undefined,
  { own }: RowContext,
  review: string[],
): Ends | undefined {
  const within = ({ name }: PartyName): boolean => LOOPBACK.test(name);
  const itself = (party: PartyName): boolean => party.name === own.name || within(party);
  const meant = [...(sources ?? []), ...(destinations ?? [])].filter(within);
  if (meant.length === 0) return undefined;
  const who = [...new Set(meant.map(({ name }) => `\`${name}\``))].join(', ');
  const toItself = destinations?.every(itself) ?? true;
  const toAny = sources?.every(within) && destinations?.every(({ kind }) => kind === 'any');
  if (sources?.every(itself) && (toItself || toAny)) {
    review.push(
      `${who} is the host by its loopback interface; the row is taken for one of \`${own.name}\` itself.`,
    );
    return { sources: [own], destinations: [own], loopback: true };
  }
  review.push(
    `${who} is a host’s own loopback interface, which no other host can reach; beside another party it is kept as the document says.`,
  );
  return undefined;
}

/** `Self` is whom the document is about. */
function withOwn(parties: readonly PartyName[], { own }: RowContext, review: string[]): PartyName[] {
  return parties.map((party) => {
    if (!ITSELF.test(party.name)) return party;
    review.push(`\`${party.name}\` is taken for \`${own.name}\`, whom the document is about.`);
    return own;
  });
}

/** The parties of a column; undefined where there is no such column, or nothing in it and nothing above. */
function named(
  cells: RowCells,
  kind: 'source' | 'destination',
  context: RowContext,
  review: string[],
): readonly PartyName[] | undefined {
  const columns = cells.of(kind);
  if (columns.length === 0) return undefined;
  const readings = columns.filter(({ text }) => text !== '').map(({ text }) => readPartyCell(text));
  const nobody = columns.find(({ text }) => NOBODY.test(text));
  if (nobody !== undefined) {
    review.push(`\`${nobody.text}\` under \`${nobody.heading}\` names nobody; \`any\` is taken.`);
    return [ANYBODY];
  }
  const [reading] = readings;
  if (reading !== undefined && reading.parties.length > 0) {
    review.push(...reading.review);
    if (readings.length > 1)
      review.push(`There are ${readings.length} cells for the ${kind}; only the first is read.`);
    return withOwn(reading.parties, context, review);
  }
  const above = context.above?.[kind === 'source' ? 'sources' : 'destinations'];
  const taken = above ?? [context.own];
  const who = taken.map(({ name }) => name).join(', ');
  review.push(
    above === undefined
      ? `The cell of the ${kind} is empty; \`${who}\` is taken, whom the document is about.`
      : `The cell of the ${kind} is empty; \`${who}\` of the row above is taken.`,
  );
  return taken;
}

/** The direction's arrow against the columns: `A → B` must be what they say. */
function compare(
  { from, to, both }: Arrow,
  sources: readonly PartyName[],
  destinations: readonly PartyName[],
  review: string[],
): void {
  const is = (name: string, parties: readonly PartyName[]): boolean =>
    parties.some((party) => party.name.toLowerCase() === name.toLowerCase());
  if (is(from, sources) && is(to, destinations)) return;
  if (both && is(to, sources) && is(from, destinations)) return;
  const columns = `${sources.map(({ name }) => name).join(', ')} → ${destinations.map(({ name }) => name).join(', ')}`;
  review.push(
    `The direction says \`${from} ${both ? '↔' : '→'} ${to}\`, the columns \`${columns}\`; the columns are taken.`,
  );
}

/** `In` beside the host itself as the source, or `Out` beside it as the destination. */
function againstOwn(
  word: DirectionWord | undefined,
  own: string,
  sources: readonly PartyName[],
  destinations: readonly PartyName[],
  review: string[],
): void {
  const only = (parties: readonly PartyName[]): boolean => parties.every(({ name }) => name === own);
  if (only(sources) === only(destinations)) return;
  if ((word === 'in' && only(sources)) || (word === 'out' && only(destinations)))
    review.push(
      `The direction is \`${word}\`, but \`${own}\`, whom the document is about, is the ${word === 'in' ? 'source' : 'destination'}; the columns are taken.`,
    );
}

type Ends = Pick<PartiesReading, 'sources' | 'destinations' | 'loopback'>;

/** Rows of tables that name one party, or none. Whatever is taken for the other one is a guess. */
function oneSided(
  cells: RowCells,
  context: RowContext,
  { word, arrow, other: peer }: Direction,
  sources: readonly PartyName[] | undefined,
  destinations: readonly PartyName[] | undefined,
  review: string[],
): Ends {
  if (sources === undefined && destinations === undefined && arrow !== undefined)
    return endsOfArrow(arrow, review);
  const way = word ?? (goesOut(context.table.title) ? 'out' : undefined);
  if (sources === undefined && destinations === undefined && peer !== undefined)
    return ownSide(context, way ?? 'in', { parties: peer, review: [] }, review);
  const names = cells.of('name').filter(({ text }) => text !== '');
  const remote = names.find(({ heading }) => namesOtherEnd(heading));
  const local = names.find((one) => one !== remote);
  if (sources === undefined && destinations === undefined && remote !== undefined && local !== undefined) {
    const [own = context.own] = readPartyCell(local.text).parties;
    return ownSide({ ...context, own }, way ?? 'in', readPartyCell(remote.text), review, 'row');
  }
  const [name] = names;
  const party = name === undefined ? undefined : readPartyCell(name.text);
  const other = party?.parties ?? [context.own];
  const from =
    name === undefined
      ? `\`${context.own.name}\`, whom the document is about`
      : `the column \`${name.heading}\``;
  if (sources !== undefined) {
    review.push(`The table has no column of destinations; the destination is taken from ${from}.`);
    if (way === 'out' && word === undefined)
      review.push(
        `\`${context.table.title}\` speaks of what goes out, and the table has a column of sources; the column is taken.`,
      );
    return { sources, destinations: other, loopback: false };
  }
  if (destinations !== undefined) {
    review.push(`The table has no column of sources; the source is taken from ${from}.`);
    return { sources: other, destinations, loopback: false };
  }
  return ownSide(context, way, party, review);
}

/** A table without source and destination lists the ports of the host that the document is about. */
function ownSide(
  context: RowContext,
  way: DirectionWord | undefined,
  named: PartyReading | undefined,
  review: string[],
  about: 'document' | 'row' = 'document',
): Ends {
  const { table, own } = context;
  if (
    /\bloopback\b|\blocalhost\b|\b127\.0\.0\.1\b/i.test(
      `${table.title} ${table.preamble}`.replaceAll('_', ' '),
    )
  ) {
    review.push(
      `The text above the table speaks of the loopback interface; the row is taken for one of \`${own.name}\` itself.`,
    );
    return { sources: [own], destinations: [own], loopback: true };
  }
  const out = way === 'out';
  const told = way === undefined ? undefined : named;
  review.push(...(told?.review ?? []));
  const peer = told === undefined ? [ANYBODY] : withOwn(told.parties, context, review);
  const who = peer.map(({ name }) => name).join(', ');
  review.push(
    `The table names no source and no destination; the row is taken for connections ${out ? 'from' : 'to'} \`${own.name}\`, whom the ${about} is about, ${out ? 'to' : 'from'} \`${who}\`.`,
  );
  return out
    ? { sources: [own], destinations: peer, loopback: false }
    : { sources: peer, destinations: [own], loopback: false };
}
