import { intersection } from '../../packet/ranges.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { ANY, type Baseline, INTERNET, type Row } from '../baseline.ts';
import { groupBy } from '../../text/group-by.ts';
import { plain, quote, remark, type Written } from './rows.ts';
import { namedServices } from './service-names.ts';

/** Roles that the document calls by several names, and roles that may be one. */
export function roleRemarks(baseline: Baseline): Diagnostic[] {
  const cells = new Map<string, Row>();
  for (const row of baseline.rows)
    for (const cell of Object.values(row.cells)) if (!cells.has(cell)) cells.set(cell, row);
  const twoNames = [...baseline.roles].flatMap(([id, { names }]): Diagnostic[] => {
    const found = names.flatMap((name) => {
      const row = cells.get(name);
      return row === undefined ? [] : [{ name, row }];
    });
    const [first, second] = found;
    if (first === undefined || second === undefined) return [];
    return [
      remark(
        'role-names',
        second.row,
        `The role \`${id}\` is called ${found.map(({ name }) => `“${name}”`).join(' and ')}: ${quote(first.row)} and ${quote(second.row)}.`,
        'They count as one party. If they are two, give each a role of its own.',
      ),
    ];
  });
  return [...twoNames, ...alike(baseline)];
}

/** Roles whose names differ in case, spaces, punctuation or a plural only. */
function alike(baseline: Baseline): Diagnostic[] {
  const names = [...baseline.roles].flatMap(([id, { title, names: own }]) =>
    [...new Set([title, ...own].map((name) => plain(name).replace(/s$/, '')))].map((name) => ({ id, name })),
  );
  return [...groupBy(names, ({ name }) => name).values()].flatMap((group): Diagnostic[] => {
    const [first, second] = group;
    if (first === undefined || second === undefined) return [];
    const rows = [first.id, second.id].map((id) => rowOf(baseline, id));
    const [one, other] = rows;
    const place = other ?? one ?? baseline.rows[0];
    if (place === undefined) return [];
    const quoted = rows.flatMap((row) => (row === undefined ? [] : [quote(row)]));
    return [
      remark(
        'role-names',
        place,
        `The roles \`${first.id}\` and \`${second.id}\` have the same name but for its spelling${quoted.length === 0 ? '' : `: ${quoted.join(' and ')}`}.`,
        'If they are one party, make them one role with both spellings under `names`.',
      ),
    ];
  });
}

function rowOf(baseline: Baseline, role: string): Row | undefined {
  return baseline.rows.find(({ connections }) =>
    connections.some(({ source, destination }) => source === role || destination === role),
  );
}

/**
 * Between two parties that the document has talk both ways at the same ports: connections that it has one way only. Two such
 * connections that it calls by one name are told together.
 */
export function twinRemarks(written: readonly Written[]): Diagnostic[] {
  const eligible = written.filter(
    ({ connection: { source, destination, level }, ports }) =>
      ports !== undefined &&
      level !== 'prohibited' &&
      source !== destination &&
      ![source, destination].some((end) => end === ANY || end === INTERNET),
  );
  const pairs = groupBy(eligible, ({ connection: { source, destination } }) =>
    [source, destination].sort().join(' '),
  );
  return [...pairs.values()].flatMap(twinsOfPair);
}

function twinsOfPair(pair: readonly Written[]): Diagnostic[] {
  const back = (one: Written): Written[] =>
    pair.filter((other) => other.connection.source === one.connection.destination);
  const lone = pair.filter((one) => !back(one).some((other) => isTwin(one, other)));
  if (lone.length === pair.length) return [];
  const told = new Set<Written>();
  return lone.flatMap((one) => {
    if (told.has(one)) return [];
    const names = new Set(namedServices(one).map(({ name }) => plain(name)));
    const namesake = back(one).find((other) =>
      namedServices(other).some(({ name }) => names.has(plain(name))),
    );
    if (namesake !== undefined) told.add(namesake);
    const near = namesake ?? back(one)[0];
    if (near === undefined) return [];
    const what =
      namesake === undefined ? 'has no twin the other way' : 'has its namesake the other way at another port';
    return [
      remark(
        'one-way',
        one.row,
        `Other connections between these parties go both ways; ${quote(one.row)} ${what}${namesake === undefined ? `, where there is ${quote(near.row)}` : `: ${quote(near.row)}`}.`,
        'Replies pass without a row. Ask the vendor whether the other side opens this connection too.',
      ),
    ];
  });
}

function isTwin(one: Written, other: Written): boolean {
  const protocols = one.connection.protocols.some((protocol) =>
    other.connection.protocols.includes(protocol),
  );
  return protocols && intersection(one.ports ?? [], other.ports ?? []).length > 0;
}
