import type {
  ConnectionReport,
  CoverageLine,
  Evidence,
  Finding,
  HostReport,
  Opening,
  OpeningsReport,
  Report,
  ReportInput,
  Translated,
  WitnessPacket,
} from '../finding/report.ts';
import { boxShape, longBoxes, sharedBoxShape } from './json-shapes.ts';
import { controlsShape } from './json-controls.ts';
import { JsonList, JsonObject, jsonPieces, jsonTextAt } from './json-text.ts';
import { auditShape, endsShape, excerptShape, readingShape, ruleUseShape } from './json-detail.ts';
import { sortFindings } from './order.ts';
import { rulesOf, sharesLine } from './places.ts';

/**
 * The report as JSON (shape: schemas/report.schema.json), two spaces deep, ending with a line break. Keys always stand
 * in the order of interfaces.md, whatever the order in which the objects were built, so equal reports are equal bytes.
 */
export function renderJson(report: Report, options: JsonOptions = {}): string {
  return [...jsonChunks(report, options)].join('');
}

/** What of a report is written. */
export interface JsonOptions {
  /** The detail that other formats asked for too (readings, rules' use, paths, excerpts); absent: without. */
  readonly detail?: boolean;
}

/** The text of {@link renderJson} in pieces, made one after the other. */
export function jsonChunks(report: Report, options: JsonOptions = {}): Iterable<string> {
  const detail = options.detail === true;
  return jsonPieces(
    new JsonObject({
      schemaVersion: report.schemaVersion,
      tool: { name: report.tool.name, version: report.tool.version },
      inputs: new JsonList(report.inputs, inputShape),
      baselines: report.baselines.map(({ id, title, document, sha256, unreviewed }) => ({
        id,
        title,
        document,
        sha256,
        unreviewed: unreviewed && { rows: unreviewed.rows, document: unreviewed.document },
      })),
      deployment: report.deployment && { path: report.deployment.path, sha256: report.deployment.sha256 },
      hosts: new JsonList(report.hosts, (host) => hostShape(host, detail)),
      coverage: new JsonList(report.coverage, coverageShape),
      ...auditShape(report),
      controls: report.controls && controlsShape(report.controls),
      excerpts: detail && report.excerpts ? new JsonList(report.excerpts, excerptShape) : undefined,
      summary: summaryShape(report.summary),
    }),
  );
}

/** One host as it stands in the report's text: the first line not indented, no line break at the end. */
export function hostJson(host: HostReport): string {
  return jsonTextAt(hostShape(host, false), 2);
}

/** Openings as JSON (shape: schemas/openings.schema.json), in the order given. */
export function renderOpeningsJson(report: OpeningsReport): string {
  return [...openingsJsonChunks(report)].join('');
}

/** The text of {@link renderOpeningsJson} in pieces, made one after the other. */
export function openingsJsonChunks(report: OpeningsReport): Iterable<string> {
  const isShared = sharesLine(rulesOf(report.openings));
  return jsonPieces(
    new JsonObject({
      schemaVersion: report.schemaVersion,
      families: { ipv4: report.families.ipv4, ipv6: report.families.ipv6 },
      openings: new JsonList(report.openings, (o) => openingShape(o, isShared)),
      coverage: new JsonList(report.coverage, coverageShape),
    }),
  );
}

function inputShape({ path, format, sha256, captured }: ReportInput): unknown {
  const how = captured && { at: captured.at, by: captured.by, from: captured.from };
  return { path, format, sha256, captured: how };
}

function summaryShape(s: Report['summary']): Report['summary'] {
  return {
    missing: s.missing,
    excessive: s.excessive,
    conflicting: s.conflicting,
    undetermined: s.undetermined,
    satisfied: s.satisfied,
    ...(s.waived === undefined ? {} : { waived: s.waived }),
    ...(s.known === undefined ? {} : { known: s.known }),
  };
}

function hostShape(host: HostReport, detail: boolean): JsonObject {
  return new JsonObject({
    name: host.name,
    role: host.role,
    families: { ipv4: host.families.ipv4, ipv6: host.families.ipv6 },
    unbound: host.unbound,
    directions: host.directions?.map(({ direction, to, from, closed }) => ({ direction, to, from, closed })),
    connections: new JsonList(host.connections, (c) => connectionShape(c, detail)),
    findings: new JsonList(sortFindings(host.findings), (f) => findingShape(f, detail)),
    inventory: detail && host.inventory ? new JsonList(host.inventory, ruleUseShape) : undefined,
  });
}

function connectionShape(c: ConnectionReport, detail: boolean): unknown {
  return {
    baseline: c.baseline,
    id: c.id,
    direction: c.direction,
    status: c.status,
    level: c.level,
    document: documentShape(c.document),
    reason: c.reason,
    reading: detail && c.reading ? readingShape(c.reading) : undefined,
    openedBy: detail ? c.openedBy?.map(evidenceShape) : undefined,
  };
}

function findingShape(f: Finding, detail: boolean): unknown {
  const long = longBoxes(f.packets);
  const values = findingValues(f, detail);
  return long === undefined ? values : new JsonObject({ ...values, packets: long });
}

function findingValues(f: Finding, detail: boolean): Record<string, unknown> {
  return {
    code: f.code,
    rule: f.rule,
    certainty: f.certainty,
    severity: f.severity,
    baseline: f.baseline,
    connection: f.connection,
    family: f.family,
    hook: f.hook,
    packets: f.packets.map(boxShape),
    witness: witnessShape(f.witness),
    translated: f.translated && translatedShape(f.translated),
    evidence: f.evidence.map(evidenceShape),
    document: f.document && documentShape(f.document),
    dependsOn: f.dependsOn,
    message: f.message,
    fingerprint: f.fingerprint,
    waived: f.waived,
    known: f.known,
    path: detail ? f.path?.map(({ file, line, text }) => ({ file, line, text })) : undefined,
    ends: detail && f.ends ? endsShape(f.ends) : undefined,
  };
}

/** @param isShared whether other rules stand on a rule's line: then its column tells it from them */
function openingShape(o: Opening, isShared: ReturnType<typeof sharesLine>): unknown {
  const long = sharedBoxShape(o.box);
  const shape = {
    host: o.host,
    hook: o.hook,
    certainty: o.certainty,
    box: long ?? boxShape(o.box),
    translated: o.translated && translatedShape(o.translated),
    otherTranslations: o.otherTranslations?.map((other) => other && translatedShape(other)),
    rules: o.rules.map((rule) => ({
      file: rule.file,
      line: rule.line,
      column: isShared(rule) ? rule.column : undefined,
    })),
  };
  return long === undefined ? shape : new JsonObject(shape);
}

/** A witness with its keys in the order of the packet format: what `trace` reads back. */
export function witnessShape(w: WitnessPacket): unknown {
  return {
    id: w.id,
    hook: w.hook,
    in: w.in,
    out: w.out,
    src: w.src,
    dst: w.dst,
    protocol: w.protocol,
    sport: w.sport,
    dport: w.dport,
    type: w.type,
    code: w.code,
    flags: w.flags,
    state: w.state,
    mark: w.mark,
    ctmark: w.ctmark,
    mac: w.mac,
    length: w.length,
    ttl: w.ttl,
    tos: w.tos,
    pkttype: w.pkttype,
    groups: w.groups,
    peerGroups: w.peerGroups,
  };
}

function evidenceShape(e: Evidence): unknown {
  return { file: e.file, line: e.line, column: e.column, text: e.text, note: e.note };
}

const coverageShape = (c: CoverageLine): unknown => ({
  file: c.file,
  line: c.line,
  status: c.status,
  text: c.text,
  reason: c.reason,
});
const documentShape = (d: { row: string; text: string }): unknown => ({ row: d.row, text: d.text });
const translatedShape = (t: Translated): unknown => ({ destination: t.destination, port: t.port });
