import type { Box, Finding, HostReport, WitnessPacket } from '../../src/api.ts';

/** What a person compares of a host's report: statuses, and each finding in a few readable lines. */
export function summaryOf(host: HostReport): object {
  const connections = host.connections.map(({ baseline, id, direction, status, reason }) => [
    `${baseline} ${id} ${direction}`,
    reason === undefined ? status : `${status}: ${reason}`,
  ]);
  return {
    ...(host.unbound.length === 0 ? {} : { unbound: host.unbound }),
    connections: Object.fromEntries(connections),
    findings: host.findings.map(findingSummary),
  };
}

function findingSummary(finding: Finding): object {
  const { code, rule, certainty, severity, baseline, connection, family, hook } = finding;
  // Whoever reads `possible` asks on what it depends.
  if (certainty === 'possible' && finding.dependsOn === undefined)
    throw new Error(`${rule} of ${connection ?? 'no row'} is possible, and nobody knows why`);
  return {
    is: `${severity}: ${certainty} ${code} ${rule}`,
    ...(connection === undefined ? {} : { connection: `${baseline} ${connection}` }),
    at: `${family} ${hook}`,
    message: finding.message,
    packets: finding.packets.map(boxText),
    witness: witnessText(finding.witness),
    ...(finding.translated === undefined ? {} : { translated: finding.translated }),
    evidence: finding.evidence.map(
      ({ file, line, column, text, note }) => `${file}:${line}:${column} ${note ?? ''}: ${text}`,
    ),
    ...(finding.document === undefined ? {} : { document: finding.document.row }),
    ...(finding.dependsOn === undefined ? {} : { dependsOn: finding.dependsOn }),
  };
}

/** A box on one line; what is absent is unconstrained. */
export function boxText(box: Box): string {
  const { family: _, in: incoming, out: outgoing, ...lists } = box;
  const names = Object.entries({ in: incoming, out: outgoing }).flatMap(([key, set]) => [
    ...(set?.any === undefined ? [] : [`${key}=${set.any.join(',')}`]),
    ...(set?.except === undefined ? [] : [`${key}!=${set.except.join(',')}`]),
  ]);
  const texts = Object.entries(lists).map(([key, values]) => `${key}=${values.join(',')}`);
  return [...texts, ...names].join(' ') || 'everything';
}

function witnessText(packet: WitnessPacket): string {
  return Object.entries(packet)
    .filter(([key]) => key !== 'hook')
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}
