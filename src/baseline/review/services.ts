import type { Diagnostic } from '../../text/diagnostic.ts';
import { type Home, kinship, type Registry } from './registry.ts';
import { groupBy } from '../../text/group-by.ts';
import { plain, quote, remark } from './rows.ts';
import { CARRIERS, type Named } from './service-names.ts';

const REGISTRY = "IANA's registry";

/** Names that do not go with their ports by the registry; each name and port once, however many rows have it. */
export function serviceRemarks(named: readonly Named[], registry: Registry): Diagnostic[] {
  const groups = groupBy(
    named,
    ({ name, port, transports }) => `${plain(name)} ${port} ${transports.join(' ')}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group as [Named, ...Named[]];
    // A protocol's column stands for all ports of the row: where one of them is the service's, the row has not mistaken it.
    const ports = first.exact ? [first.port] : first.among;
    if (
      ports.some((port) => first.transports.some((transport) => fits(first.name, port, transport, registry)))
    )
      return [];
    return first.transports.flatMap((transport) => about(group, transport, registry));
  });
}

function fits(name: string, port: number, transport: string, registry: Registry): boolean {
  const registered = registry.at(port, transport);
  if (registered === undefined) return registry.homes(plain(name)).length === 0;
  return kinship(name, registered, port, registry) === 'same';
}

function about(group: readonly Named[], transport: string, registry: Registry): Diagnostic[] {
  const [first] = group as [Named, ...Named[]];
  const { row, name, port } = first;
  const registered = registry.at(port, transport);
  const homes = registry.homes(plain(name));
  const place = `${transport.toUpperCase()} ${port}`;
  const rows = quoted(group);
  if (registered === undefined)
    return [
      remark(
        'service-port',
        row,
        `${REGISTRY} has \`${name}\` at ${homesText(homes)}, and nobody at ${place}, where it stands in ${rows}.`,
        HELP,
      ),
    ];
  const whose = `\`${registered.name}\`${registered.description === '' ? '' : ` (${registered.description})`}`;
  if (kinship(name, registered, port, registry) === 'relative')
    return [
      remark(
        'service-relative',
        row,
        `${REGISTRY} gives ${place} to ${whose}, a near relative of \`${name}\`, which stands there in ${rows}.`,
        'Often right: the product may use the relative. Check it with the vendor where the port matters.',
      ),
    ];
  if (homes.length === 0 && (!first.exact || CARRIERS.test(name))) return [];
  return [
    homes.length > 0
      ? remark(
          'service-port',
          row,
          `${REGISTRY} gives ${place} to another service, ${whose}, and has \`${name}\` at ${homesText(homes)}; it stands in ${rows}.`,
          HELP,
        )
      : remark(
          'service-unregistered',
          row,
          `${REGISTRY} gives ${place} to ${whose} and has no service \`${name}\`, which stands there in ${rows}.`,
          'The registry may know the service by another name; then nothing is wrong.',
        ),
  ];
}

const HELP =
  'Keep the row as written. A parameter with this default lets a site say where its server really listens.';

function homesText(homes: readonly Home[]): string {
  const texts = [...groupBy(homes, ({ port }) => `${port}`)].map(
    ([port, same]) => `${same.map(({ transport }) => transport.toUpperCase()).join('/')} ${port}`,
  );
  const more = texts.length - 4;
  return `${texts.slice(0, 4).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** The first two rows, and how many more there are. */
function quoted(group: readonly Named[]): string {
  const rows = [...new Set(group.map(({ row }) => row))];
  const more = rows.length - 2;
  return `${rows.slice(0, 2).map(quote).join(' and ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** One port under several names, and one name at several ports. Names that contain one another count as one. */
export function namingRemarks(named: readonly Named[]): Diagnostic[] {
  const exact = named.filter((one) => one.exact);
  const ports = groupBy(
    exact.flatMap((one) => one.transports.map((transport) => ({ ...one, transport }))),
    ({ port, transport }) => `${transport} ${port}`,
  );
  const twoNames = [...ports.values()].flatMap((group): Diagnostic[] => {
    const names = distinct(group);
    const [first, second] = names;
    if (first === undefined || second === undefined) return [];
    const what = `${(group[0]?.transports ?? []).join('/').toUpperCase()} ${first.port}`;
    return [
      remark(
        'port-names',
        second.row,
        `${what} has ${names.length === 2 ? 'two' : names.length} names, ${names.map(({ name }) => `\`${name}\``).join(', ')}: ${quote(first.row)} and ${quote(second.row)}.`,
        'It is one port all the same: packets carry no names.',
      ),
    ];
  });
  const twoPorts = [...groupBy(exact, ({ name }) => plain(name)).values()].flatMap((group): Diagnostic[] => {
    const places = [...groupBy(group, ({ port }) => `${port}`).values()].map((same) => same[0] as Named);
    const [first, second] = places;
    if (first === undefined || second === undefined) return [];
    return [
      remark(
        'service-ports',
        second.row,
        `\`${first.name}\` stands at ${places.map(({ port, transports }) => `${transports.join('/').toUpperCase()} ${port}`).join(' and ')}: ${quote(first.row)} and ${quote(second.row)}.`,
        'Both are kept as written. Ask the vendor whether both are meant.',
      ),
    ];
  });
  return [...twoNames, ...twoPorts];
}

/** One entry for each name; a name within another is no second one (`SSH`, `SSH login`). */
function distinct<T extends Named>(group: readonly T[]): T[] {
  const found: T[] = [];
  for (const one of group) {
    const name = plain(one.name);
    const known = found.some((other) => name.includes(plain(other.name)) || plain(other.name).includes(name));
    if (!known) found.push(one);
  }
  return found;
}
