import type { PartiesReading, RowCells, RowContext } from './model.ts';
import { type Arrow, type PartyName, readArrow, readPartyCell } from './parties.ts';
import { type DirectionWord, readDirection } from './words.ts';

const ANYBODY: PartyName = { kind: 'any', name: 'any' };

/** Reads the parties and the direction of a row. */
export function readParties(cells: RowCells, context: RowContext): PartiesReading {
  const review: string[] = [];
  const direction = directionOf(cells, review);
  const sources = named(cells, 'source', context, review);
  const destinations = named(cells, 'destination', context, review);
  const both = direction.word === 'both' || direction.arrow?.both === true;
  if (sources !== undefined && destinations !== undefined) {
    if (direction.arrow !== undefined) compare(direction.arrow, sources, destinations, review);
    againstOwn(direction.word, context.own.name, sources, destinations, review);
    return { sources, destinations, loopback: false, bidirectional: both, review };
  }
  const ends = oneSided(cells, context, direction, sources, destinations, review);
  return { ...ends, bidirectional: both, review };
}

interface Direction {
  readonly word?: DirectionWord;
  readonly arrow?: Arrow;
}

function directionOf(cells: RowCells, review: string[]): Direction {
  for (const { text, heading } of cells.of('direction')) {
    if (text === '') continue;
    const word = readDirection(text);
    if (word !== undefined) return { word };
    const arrow = readArrow(text);
    if (arrow !== undefined) return { arrow };
    review.push(`\`${text}\` under \`${heading}\` is no direction that is known here.`);
  }
  return {};
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
  const [reading] = readings;
  if (reading !== undefined && reading.parties.length > 0) {
    review.push(...reading.review);
    if (readings.length > 1)
      review.push(`There are ${readings.length} cells for the ${kind}; only the first is read.`);
    return reading.parties;
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
  { word, arrow }: Direction,
  sources: readonly PartyName[] | undefined,
  destinations: readonly PartyName[] | undefined,
  review: string[],
): Ends {
  if (sources === undefined && destinations === undefined && arrow !== undefined) {
    const from = readPartyCell(arrow.from);
    const to = readPartyCell(arrow.to);
    review.push(...from.review, ...to.review);
    return { sources: from.parties, destinations: to.parties, loopback: false };
  }
  const [name] = cells.of('name').filter(({ text }) => text !== '');
  const party = name === undefined ? undefined : readPartyCell(name.text);
  const other = party?.parties ?? [context.own];
  const from =
    name === undefined
      ? `\`${context.own.name}\`, whom the document is about`
      : `the column \`${name.heading}\``;
  if (sources !== undefined) {
    review.push(`The table has no column of destinations; the destination is taken from ${from}.`);
    return { sources, destinations: other, loopback: false };
  }
  if (destinations !== undefined) {
    review.push(`The table has no column of sources; the source is taken from ${from}.`);
    return { sources: other, destinations, loopback: false };
  }
  return ownSide(context, word, party?.parties, review);
}

/** A table without source and destination lists the ports of the host that the document is about. */
function ownSide(
  { table, own }: RowContext,
  word: DirectionWord | undefined,
  named: readonly PartyName[] | undefined,
  review: string[],
): Ends {
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
  const peer = word === undefined ? [ANYBODY] : (named ?? [ANYBODY]);
  const who = peer.map(({ name }) => name).join(', ');
  const out = word === 'out';
  review.push(
    `The table names no source and no destination; the row is taken for connections ${out ? 'from' : 'to'} \`${own.name}\`, whom the document is about, ${out ? 'to' : 'from'} \`${who}\`.`,
  );
  return out
    ? { sources: [own], destinations: peer, loopback: false }
    : { sources: peer, destinations: [own], loopback: false };
}
