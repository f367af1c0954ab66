import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import type { Evidence, Finding, HostReport, Report } from '../../finding/report.ts';
import { jsonLine, visible } from '../../report/visible.ts';

/** One row: a host, a row of a document, a finding, or a config line that was not taken as written (docs/fleet.md). */
type Row = Readonly<Partial<Record<(typeof COLUMNS)[number][0], string | number | undefined>>>;

/** The columns, in order. Texts are UTF-8, numbers 32-bit integers; all but `kind` may be null. */
const COLUMNS = [
  ['kind', 'text'],
  ['host', 'text'],
  ['role', 'text'],
  ['ipv4', 'text'],
  ['ipv6', 'text'],
  ['unbound', 'text'],
  ['baseline', 'text'],
  ['connection', 'text'],
  ['direction', 'text'],
  ['level', 'text'],
  ['status', 'text'],
  ['code', 'text'],
  ['rule', 'text'],
  ['certainty', 'text'],
  ['severity', 'text'],
  ['family', 'text'],
  ['hook', 'text'],
  ['packets', 'text'],
  ['witness', 'text'],
  ['source', 'text'],
  ['destination', 'text'],
  ['protocol', 'text'],
  ['destination_port', 'number'],
  ['file', 'text'],
  ['line', 'number'],
  ['text', 'text'],
  ['evidence', 'text'],
  ['depends_on', 'text'],
  ['document_row', 'text'],
  ['document_text', 'text'],
  ['message', 'text'],
  ['fingerprint', 'text'],
  ['waived', 'text'],
] as const;

/** Rows that become columns together: so many are in memory, whatever the size of the fleet. */
const GROUP = 20_000;

/**
 * The report as a Parquet file (parquet.apache.org/docs/file-format), one table, in pieces.
 * @param hosts the report's hosts, in order; `report.hosts` is not read
 */
export function* parquetChunks(report: Report, hosts: Iterable<HostReport>): Generator<Uint8Array> {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: SCHEMA,
    createdBy: `postern ${report.tool.version}`,
    kvMetadata: [{ key: 'postern', value: JSON.stringify(metadata(report)) }],
  });
  let rows: Row[] = [];
  for (const row of rowsOf(report, hosts)) {
    rows.push(row);
    if (rows.length < GROUP) continue;
    write(writer, rows);
    rows = [];
    yield taken(bytes);
  }
  if (rows.length > 0) write(writer, rows);
  writer.finish();
  yield taken(bytes);
}

const SCHEMA: SchemaElement[] = [
  { name: 'root', num_children: COLUMNS.length },
  ...COLUMNS.map(([name, type]): SchemaElement => {
    const repetition = name === 'kind' ? 'REQUIRED' : 'OPTIONAL';
    return type === 'number'
      ? { name, type: 'INT32', repetition_type: repetition }
      : { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: repetition };
  }),
];

/** What the file says of itself: the table's own columns have the rest. */
function metadata({ schemaVersion, tool, baselines, deployment, summary }: Report): unknown {
  return {
    schemaVersion,
    tool,
    baselines: baselines.map(({ id, sha256 }) => ({ id, sha256 })),
    deployment,
    summary,
  };
}

function write(writer: ParquetWriter, rows: readonly Row[]): void {
  const columnData = COLUMNS.map(([name]) => ({ name, data: rows.map((row) => row[name] ?? null) }));
  writer.write({ columnData, rowGroupSize: GROUP });
}

/** What was written since the last time. The writer counts its offset on; only its buffer begins anew. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}

function* rowsOf(report: Report, hosts: Iterable<HostReport>): Generator<Row> {
  for (const host of hosts) {
    const { name, role, families, unbound } = host;
    yield { kind: 'host', host: visible(name), role, ...families, unbound: list(unbound) };
    for (const c of host.connections)
      yield {
        kind: 'connection',
        host: visible(name),
        role,
        baseline: c.baseline,
        connection: c.id,
        direction: c.direction,
        level: c.level,
        status: c.status,
        document_row: visible(c.document.row),
        document_text: visible(c.document.text),
        message: c.reason && visible(c.reason),
      };
    for (const finding of host.findings) yield findingRow(host, finding);
  }
  for (const { file, line, status, text, reason } of report.coverage)
    yield {
      kind: 'coverage',
      file: visible(file),
      line,
      status,
      text: visible(text),
      message: visible(reason),
    };
}

function findingRow({ name, role }: HostReport, f: Finding): Row {
  const [first] = f.evidence;
  const { src, dst, protocol, dport } = f.witness;
  return {
    kind: 'finding',
    host: visible(name),
    role,
    baseline: f.baseline,
    connection: f.connection,
    code: f.code,
    rule: f.rule,
    certainty: f.certainty,
    severity: f.severity,
    family: f.family,
    hook: f.hook,
    packets: jsonLine(f.packets),
    witness: jsonLine(f.witness),
    source: src,
    destination: dst,
    protocol: String(protocol),
    destination_port: dport,
    ...(first === undefined ? {} : placeOf(first)),
    evidence: jsonLine(f.evidence),
    depends_on: f.dependsOn && list(f.dependsOn),
    document_row: f.document && visible(f.document.row),
    document_text: f.document && visible(f.document.text),
    message: visible(f.message),
    fingerprint: f.fingerprint,
    waived: f.waived,
  };
}

const placeOf = ({ file, line, text }: Evidence) => ({ file: visible(file), line, text: visible(text) });
const list = (values: readonly string[]): string => jsonLine(values);
