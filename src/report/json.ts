import type {
  Box,
  ConnectionReport,
  CoverageLine,
  Evidence,
  Finding,
  HostReport,
  NameSet,
  Opening,
  OpeningsReport,
  Report,
  ReportInput,
  Translated,
  WitnessPacket,
} from '../finding/report.ts';
import { JsonList, JsonObject, jsonPieces } from './json-text.ts';
import { sortFindings } from './order.ts';

/**
 * The report as JSON (shape: schemas/report.schema.json), two spaces deep, ending with a line break. Keys always stand
 * in the order of interfaces.md, whatever the order in which the objects were built, so equal reports are equal bytes.
 */
export function renderJson(report: Report): string {
  return [...jsonChunks(report)].join('');
}

/** The text of {@link renderJson} in pieces, made one after the other. */
export function jsonChunks(report: Report): Iterable<string> {
  return jsonPieces(
    new JsonObject({
      schemaVersion: report.schemaVersion,
      tool: { name: report.tool.name, version: report.tool.version },
      inputs: new JsonList(report.inputs, inputShape),
      baselines: report.baselines.map(({ id, title, document, sha256 }) => ({ id, title, document, sha256 })),
      deployment: report.deployment && { path: report.deployment.path, sha256: report.deployment.sha256 },
      hosts: new JsonList(report.hosts, hostShape),
      coverage: new JsonList(report.coverage, coverageShape),
      summary: summaryShape(report.summary),
    }),
  );
}

/** Openings as JSON (shape: schemas/openings.schema.json), in the order given. */
export function renderOpeningsJson(report: OpeningsReport): string {
  return [...openingsJsonChunks(report)].join('');
}

/** The text of {@link renderOpeningsJson} in pieces, made one after the other. */
export function openingsJsonChunks(report: OpeningsReport): Iterable<string> {
  return jsonPieces(
    new JsonObject({
      schemaVersion: report.schemaVersion,
      families: { ipv4: report.families.ipv4, ipv6: report.families.ipv6 },
      openings: new JsonList(report.openings, openingShape),
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
  };
}

function hostShape(host: HostReport): JsonObject {
  return new JsonObject({
    name: host.name,
    role: host.role,
    families: { ipv4: host.families.ipv4, ipv6: host.families.ipv6 },
    unbound: host.unbound,
    connections: new JsonList(host.connections, connectionShape),
    findings: new JsonList(sortFindings(host.findings), findingShape),
  });
}

function connectionShape(c: ConnectionReport): unknown {
  return {
    baseline: c.baseline,
    id: c.id,
    direction: c.direction,
    status: c.status,
    level: c.level,
    document: documentShape(c.document),
    reason: c.reason,
  };
}

function findingShape(f: Finding): unknown {
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
  };
}

function openingShape(o: Opening): unknown {
  return {
    hook: o.hook,
    certainty: o.certainty,
    box: boxShape(o.box),
    translated: o.translated && translatedShape(o.translated),
    rules: o.rules.map(({ file, line }) => ({ file, line })),
  };
}

function boxShape(b: Box): unknown {
  return {
    family: b.family,
    protocols: b.protocols,
    sources: b.sources,
    destinations: b.destinations,
    sourcePorts: b.sourcePorts,
    destinationPorts: b.destinationPorts,
    icmp: b.icmp,
    in: b.in && namesShape(b.in),
    out: b.out && namesShape(b.out),
    groups: b.groups,
    peerGroups: b.peerGroups,
  };
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
    mac: w.mac,
    length: w.length,
    ttl: w.ttl,
    tos: w.tos,
    pkttype: w.pkttype,
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
const namesShape = (n: NameSet): unknown => ({ any: n.any, except: n.except });
const translatedShape = (t: Translated): unknown => ({ destination: t.destination, port: t.port });
