import { protocolName } from '../../packet/protocol.ts';
import { pairsOf } from '../../packet/ranges.ts';
import type { Row } from '../baseline.ts';
import type { Written } from './rows.ts';

/** A service that a row names at a port. */
export interface Named {
  readonly row: Row;
  readonly name: string;
  readonly port: number;
  /** Transport protocols, by their names in the registry. */
  readonly transports: readonly string[];
  /** All ports that the row has for the name, where the name is not written at one of them. */
  readonly among: readonly number[];
  /** The name stands at the port itself (`420/SMTP`); what another column says may be prose. */
  readonly exact: boolean;
}

const PORTS = /port/i;
const SERVICES = /\b(service|application)s?\b/i;
const PROTOCOLS = /protocol/i;
/** Transport protocols and words for all of them: no services. */
const NO_SERVICE = /^(tcp|udp|sctp|dccp|icmp(v?6)?|ip(v[46])?|any|all|both|other|dynamic|none|n\/?a|-+)$/i;
/**
 * What a service is carried by says nothing of its port: what uses HTTP may be deployed at any (RFC 9205, 4.4.3), and so
 * may what runs over TLS.
 */
export const CARRIERS = /^(https?|tls|ssl|wss?|websockets?|grpc)$/i;

/** The services that a row names, each with its port. */
export function namedServices({ row, connection, ports }: Written): Named[] {
  const transports = connection.protocols.map((protocol) => protocolName(protocol));
  const listed = portsOf(ports);
  return Object.entries(row.cells).flatMap(([heading, cell]): Named[] => {
    if (PORTS.test(heading))
      return atPorts(cell).map((one) => ({ ...one, row, transports, among: [one.port], exact: true }));
    const service = SERVICES.test(heading);
    if (!service && !PROTOCOLS.test(heading)) return [];
    return cell
      .split(/[,;/\n]| and | or /)
      .map((name) => name.trim())
      .filter((name) => name !== '' && !NO_SERVICE.test(name) && (service || !CARRIERS.test(name)))
      .flatMap((name) =>
        listed.map((port) => ({ row, name, port, transports, among: listed, exact: false })),
      );
  });
}

/** Ports that stand alone, at most a few; a range is nobody's. */
function portsOf(ports: Written['ports']): number[] {
  const pairs = pairsOf(ports ?? []);
  return pairs.length > 8 ? [] : pairs.flatMap(([lo, hi]) => (lo === hi ? [lo] : []));
}

/** `123/NTP`, `443 (HTTPS)`, `HTTPS (443)`, `HTTPS/443`, several of them in one cell. */
function atPorts(cell: string): { name: string; port: number }[] {
  return cell.split(/[,;\n]/).flatMap((piece) => {
    const text = piece.trim();
    const first = /^(\d{1,5})\s*(?:\/\s*(\D.*)|\(([^)]+)\))$/.exec(text);
    const last = first === null ? /^(\D.*?)\s*(?:\/\s*(\d{1,5})|\((\d{1,5})\))$/.exec(text) : null;
    const port = Number(first?.[1] ?? last?.[2] ?? last?.[3]);
    const name = (first?.[2] ?? first?.[3] ?? last?.[1] ?? '').trim();
    const usable = /\p{L}/u.test(name) && port >= 1 && port <= 65535 && !NO_SERVICE.test(name);
    return usable ? [{ name, port }] : [];
  });
}
