import services from './data/services.json' with { type: 'json' };

const TABLES: Readonly<Record<string, unknown>> = services;

/** Tables to look in. iptables 1.8.9 finds names that only TCP has for UDP too, and both’s for DCCP, but not the other way round. */
const SEARCH: Readonly<Record<number, readonly string[]>> = {
  6: ['tcp'],
  17: ['udp', 'tcp'],
  33: ['dccp', 'tcp', 'udp'],
  132: ['sctp'],
};
const ANY = ['tcp', 'udp'];

/**
 * The port of a service name, from Debian's /etc/services (data/services.json; iptables-save itself prints numbers
 * only). Names are compared letter by letter, as `getservbyname(3)` does.
 *
 * @param protocol the protocol's number; undefined where the rule does not say
 * @returns undefined where the name is not known
 */
export function servicePort(name: string, protocol: number | undefined): number | undefined {
  for (const table of protocol === undefined ? ANY : (SEARCH[protocol] ?? ANY)) {
    const port = portIn(table, name);
    if (port !== undefined) return port;
  }
  return undefined;
}

/**
 * The same where a name counts only for the protocol that the services file gives it for, as `ipset(8)` looks names up:
 * `udp:ssh` is none.
 */
export function exactServicePort(name: string, protocol: number): number | undefined {
  const [table] = SEARCH[protocol] ?? [];
  return table === undefined ? undefined : portIn(table, name);
}

function portIn(table: string, name: string): number | undefined {
  const ports = TABLES[table];
  if (typeof ports !== 'object' || ports === null || !Object.hasOwn(ports, name)) return undefined;
  return (ports as Record<string, number>)[name];
}
