import { protocolName } from '../packet/protocol.ts';
import type { Connection, Row, Table } from './baseline.ts';
import { deliveryTexts } from './delivery.ts';
import { documentDigest } from './digest.ts';
import type { Located } from './located.ts';
import { type Complaints, formatPortTerms } from './ports.ts';
import { type Keys, type Names, readConnection } from './read-connection.ts';
import { complaint } from './complaint.ts';
import { oneOf, suggestion } from './suggest.ts';
import { checkUnused } from './unused-keys.ts';

type Tables = ReadonlyMap<string, Table>;

/** The rows of a baseline, checked against the names that it defines and against one another. */
export function readRows(list: Located, names: Names, tables: Tables, complaints: Complaints): Row[] {
  const rows = (list.items ?? []).map((item) => readRow(item, names, tables, complaints));
  const ids = new Map<string, Located>();
  const places = new Map<string, Located>();
  for (const [i, row] of rows.entries()) {
    const item = list.items?.[i] as Located;
    const at = item.entries?.get('id') ?? item;
    once(ids, row.id, at, `Two rows have the id \`${row.id}\``, complaints);
    if (row.table !== undefined && row.row !== undefined)
      once(
        places,
        `${row.table} ${row.row}`,
        item.entries?.get('row') ?? item,
        'Two rows have one place in the document',
        complaints,
      );
  }
  return rows;
}

function once(
  seen: Map<string, Located>,
  key: string,
  at: Located,
  message: string,
  complaints: Complaints,
): void {
  const first = seen.get(key);
  if (first === undefined) {
    seen.set(key, at);
    return;
  }
  complaints.push(
    complaint({
      code: 'duplicate-row',
      message: `${message} (the other on line ${first.span.file.position(first.span.start).line}).`,
      span: at.span,
      help: 'Each row of a document stands once; several connections of one row go under `connections`.',
    }),
  );
}

function readRow(item: Located, names: Names, tables: Tables, complaints: Complaints): Row {
  const entry = (key: string): Located | undefined => item.entries?.get(key);
  const id = String(entry('id')?.value ?? '');
  const table = entry('table')?.value as string | undefined;
  const row = entry('row')?.value as number | string | undefined;
  const cells = (entry('cells')?.value ?? {}) as Record<string, string>;
  checkPlace(item, tables, complaints);
  const { connections, written } = readMeaning(id, item, names, complaints);
  const note = entry('note')?.value as string | undefined;
  const digest = entry('digest')?.value as string | undefined;
  return {
    id,
    ...(table === undefined ? {} : { table }),
    ...(row === undefined ? {} : { row }),
    cells,
    ...(digest === undefined ? {} : { digest }),
    ...(note === undefined ? {} : { note }),
    review: (entry('review')?.value ?? []) as string[],
    connections,
    written,
    document: {
      row: placeText(id, table, row, tables),
      text: cellText(cells, written.length > 0 ? written : connections),
    },
    origin: item.span,
  };
}

function checkPlace(item: Located, tables: Tables, complaints: Complaints): void {
  const table = item.entries?.get('table');
  if (table === undefined) return;
  const found = tables.get(String(table.value));
  if (found === undefined) {
    complaints.push(
      complaint({
        code: 'unknown-table',
        message: `\`${String(table.value)}\` is not a table of this baseline.`,
        span: table.span,
        expected: oneOf(tables.keys()),
        help: suggestion(String(table.value), tables.keys()) ?? 'Define it under `tables`.',
      }),
    );
    return;
  }
  const { columns } = found;
  if (columns === undefined) return;
  for (const [heading, cell] of item.entries?.get('cells')?.entries ?? []) {
    if (columns.includes(heading)) continue;
    complaints.push(
      complaint({
        code: 'unknown-column',
        message: `\`${heading}\` is not a column of the table \`${String(table.value)}\`.`,
        span: cell.keySpan ?? cell.span,
        expected: oneOf(columns),
        help: suggestion(heading, columns),
      }),
    );
  }
}

/** The row's connections as they are judged, and as written where a reading replaces them. */
function readMeaning(
  id: string,
  item: Located,
  names: Names,
  complaints: Complaints,
): { connections: readonly Connection[]; written: readonly Connection[] } {
  const own: Keys = (key) => item.entries?.get(key);
  const written = readSeveral(id, item, own, names, complaints);
  const reading = item.entries?.get('reading');
  if (reading === undefined) {
    checkUnused(item, complaints);
    return { connections: written, written: [] };
  }
  checkUnused(reading, complaints);
  const because = String(reading.entries?.get('because')?.value ?? '');
  // A reading's list of connections stands for the row's.
  const keys: Keys = (key) =>
    reading.entries?.get(key) ?? (key === 'connections' ? undefined : item.entries?.get(key));
  if (reading.entries?.get('replaces')?.value === false) {
    const second = readSeveral(`${id}.reading`, reading, keys, names, complaints, because);
    return { connections: [...written, ...second], written: [] };
  }
  return { connections: readSeveral(id, reading, keys, names, complaints, because), written };
}

function readSeveral(
  id: string,
  place: Located,
  keys: Keys,
  names: Names,
  complaints: Complaints,
  because?: string,
): Connection[] {
  const list = keys('connections')?.items;
  if (list === undefined) return readConnection(id, keys, place, names, complaints, because);
  const seen = new Map<string, Located>();
  return list.flatMap((one, i) => {
    const suffix = String(one.entries?.get('id')?.value ?? i + 1);
    once(seen, suffix, one, `Two connections of the row have the id \`${suffix}\``, complaints);
    const inner: Keys = (key) => one.entries?.get(key) ?? (key === 'connections' ? undefined : keys(key));
    return readConnection(`${id}.${suffix}`, inner, one, names, complaints, because);
  });
}

function placeText(
  id: string,
  table: string | undefined,
  row: number | string | undefined,
  tables: Tables,
): string {
  if (table === undefined) return row === undefined ? `row \`${id}\`` : String(row);
  const title = tables.get(table)?.title ?? table;
  return row === undefined ? title : `${title}, ${typeof row === 'number' ? `row ${row}` : row}`;
}

/** The cells joined by ` | `; where a site's own baseline has none, the row's connections in words. */
function cellText(cells: Readonly<Record<string, string>>, connections: readonly Connection[]): string {
  const texts = Object.values(cells);
  if (texts.length > 0) return texts.join(' | ');
  const there = connections.filter(({ id }) => !id.endsWith('.reverse'));
  return there.map(connectionText).join('; ');
}

/** A connection in one line: `admin → security-server tcp 4000`. */
export function connectionText(connection: Connection): string {
  const { source, destination, protocols, ports, icmp, sourcePorts } = connection;
  const parts = [`${source} → ${destination}`, protocols.map(protocolName).join('/')];
  if (icmp !== undefined)
    parts.push(
      `type ${icmp.map(({ type, code }) => (code === undefined ? type : `${type}/${code}`)).join(', ')}`,
    );
  else if (ports !== undefined) parts.push(formatPortTerms(ports));
  if (sourcePorts !== undefined) parts.push(`from ${formatPortTerms(sourcePorts)}`);
  if (connection.hopLimit !== undefined) parts.push(`with hop limit ${connection.hopLimit}`);
  if (connection.delivery !== undefined) parts.push(`at ${deliveryTexts(connection.delivery).join(', ')}`);
  if (connection.reply === 'none') parts.push('without a reply');
  if (connection.loopback) parts.push('on the loopback interface');
  return parts.join(' ');
}

/** Where `document.sha256` is given, it must be the digest of the rows' digests. */
export function checkDocumentDigest(root: Located, rows: readonly Row[], complaints: Complaints): void {
  const given = root.entries?.get('document')?.entries?.get('sha256');
  if (given === undefined) return;
  const digest = documentDigest(rows.flatMap((row) => row.digest ?? []));
  if (given.value === digest) return;
  complaints.push(
    complaint({
      code: 'document-digest',
      message: 'The digest of the document does not fit the digests of the rows.',
      span: given.span,
      expected: `\`${digest}\``,
      help: 'A row was added, removed, moved or changed. Compare the rows with the document before you change the digest.',
    }),
  );
}
