import { addressBits, parseAddress } from '../../packet/address.ts';
import type { CoverageEntry, HostAddress, HostFacts } from '../../rule/ruleset.ts';
import { type Diagnostic, failure, type Result, success } from '../../text/diagnostic.ts';
import { jsonSpan } from '../../text/json.ts';
import type { SourceFile } from '../../text/source.ts';
import type { AddressInfo, Link } from './ast.ts';
import { devicesBelow } from './below.ts';
import { portsOf } from './ports.ts';

/** The host's addresses and interfaces, and what the listing leaves open. */
export interface Lowered {
  readonly host: HostFacts;
  readonly coverage: readonly CoverageEntry[];
}

/** Turns the links into facts about the host; an address that cannot be read is an error at its place. */
export function lowerLinks(file: SourceFile, links: readonly Link[]): Result<Lowered> {
  const interfaces: string[] = [];
  const addresses: HostAddress[] = [];
  const masters = new Map<string, string>();
  const coverage: CoverageEntry[] = [];
  for (const [at, link] of links.entries()) {
    if (link.ifname === undefined) continue;
    if (!interfaces.includes(link.ifname)) interfaces.push(link.ifname);
    if (link.master !== undefined && (link.linkinfo?.info_slave_kind ?? 'bridge') === 'bridge')
      masters.set(link.ifname, link.master);
    for (const [index, info] of (link.addr_info ?? []).entries()) {
      const pointer = `/${at}/addr_info/${index}`;
      if (info.family !== 'inet' && info.family !== 'inet6') {
        coverage.push(...otherFamily(file, pointer, coverage));
        continue;
      }
      const address = readAddress(file, link, info, pointer);
      if (!address.ok) return address;
      addresses.push(address.value);
    }
  }
  const origin = { file, start: 0, end: file.text.length };
  if (interfaces.length === 0) return failure(noLinks(file));
  if (links.every((link) => link.addr_info === undefined)) return failure(noAddresses(file));
  const below = devicesBelow(links);
  const ports = portsOf(links, addresses);
  coverage.push(...gaps(links, origin), ...seenTwice(file, links, ports));
  return success({
    host: {
      interfaces,
      addresses,
      ...(masters.size > 0 ? { masters } : {}),
      ...(below.size > 0 ? { below } : {}),
      ...(ports.size > 0 ? { ports } : {}),
      origin,
    },
    coverage,
  });
}

/** One entry for all of them: each costs a walk over the text. */
function otherFamily(file: SourceFile, pointer: string, known: readonly CoverageEntry[]): CoverageEntry[] {
  if (known.length > 0) return [];
  const reason = 'addresses of families other than inet and inet6 are not read';
  return [{ span: jsonSpan(file, pointer), status: 'ignored', reason }];
}

function readAddress(file: SourceFile, link: Link, info: AddressInfo, pointer: string): Result<HostAddress> {
  const family = info.family === 'inet' ? 4 : 6;
  const local = ofFamily(info.local, family);
  if (local === undefined) return failure(badAddress(file, `${pointer}/local`, info.local, family));
  const prefixLength = info.prefixlen as number;
  if (prefixLength > addressBits(family))
    return failure(badAddress(file, `${pointer}/prefixlen`, `/${prefixLength}`, family));
  const broadcast = info.broadcast === undefined ? undefined : ofFamily(info.broadcast, family);
  if (info.broadcast !== undefined && broadcast === undefined)
    return failure(badAddress(file, `${pointer}/broadcast`, info.broadcast, family));
  const peer = ofFamily(info.address, family);
  return success({
    interface: link.ifname as string,
    loopback: link.flags?.includes('LOOPBACK') ?? link.ifname === 'lo',
    family,
    address: local,
    prefixLength,
    ...(broadcast === undefined ? {} : { broadcast }),
    ...(peer === undefined ? {} : { peer }),
    ...((link.flags?.includes('UP') ?? true) ? {} : { down: true }),
    secondary: info.secondary ?? false,
    // An optimistic one is used as any other (RFC 4429, section 3.1).
    ...(info.tentative === true && info.optimistic !== true ? { tentative: true } : {}),
    ...(family === 4 && isNarrow(info, local) ? { narrow: true } : {}),
  });
}

/** Whether an IPv4 address is not of global scope; ip(8) gives those of 127.0.0.0/8 the scope `host`. */
function isNarrow({ scope }: AddressInfo, address: bigint): boolean {
  return scope === undefined ? address >> 24n === 127n : scope !== 'global';
}

function ofFamily(text: string | undefined, family: 4 | 6): bigint | undefined {
  const address = text === undefined ? undefined : parseAddress(text);
  return address?.family === family ? address.value : undefined;
}

/**
 * A listing of one interface, of those that are up, or of one family (`ip -4 -j addr`) looks like a whole one. The
 * loopback interface tells: it is always there, and has an address of each family that the host speaks.
 */
function gaps(links: readonly Link[], span: CoverageEntry['span']): CoverageEntry[] {
  const loopback = links.filter((link) => link.flags?.includes('LOOPBACK') ?? link.ifname === 'lo');
  const gap = (reason: string): CoverageEntry => ({ span, status: 'approximated', reason });
  if (loopback.length === 0)
    return [
      gap(
        'the listing has no loopback interface; addresses of interfaces it leaves out are taken as foreign',
      ),
    ];
  const has = (family: string): boolean =>
    links.some((link) => link.addr_info?.some((info) => info.family === family) ?? false);
  return (['inet', 'inet6'] as const)
    .filter((family) => !has(family))
    .map((family) =>
      gap(
        `the listing has no ${family} address, as \`ip ${family === 'inet' ? '-6' : '-4'}\` prints it: what the host’s own addresses of that family are is not known`,
      ),
    );
}

/**
 * PREROUTING sees what comes by a part of a VRF by the part and once more by the VRF, INPUT and FORWARD by the VRF alone
 * (Documentation/networking/vrf.rst). One entry for all.
 */
function seenTwice(
  file: SourceFile,
  links: readonly Link[],
  ports: ReadonlySet<string>,
): readonly CoverageEntry[] {
  const at = links.findIndex(
    ({ ifname, master }) => ifname !== undefined && master !== undefined && !ports.has(ifname),
  );
  const { ifname, master } = links[at] ?? {};
  if (ifname === undefined || master === undefined) return [];
  const reason = `${ifname} is a part of ${master}, as of a VRF: by which of the two rules see its packets depends on the hook, and is not followed`;
  return [{ span: jsonSpan(file, `/${at}/master`), status: 'approximated', reason }];
}

/** What the file as a whole is not. */
function notListing(
  file: SourceFile,
  code: string,
  message: string,
  expected: string,
  help?: string,
): Diagnostic {
  const span = { file, start: 0, end: Math.min(1, file.text.length) };
  return { severity: 'error', code, message, span, expected, ...(help !== undefined && { help }) };
}

function noLinks(file: SourceFile): Diagnostic {
  return notListing(file, 'empty-input', 'the listing names no interface', 'the output of `ip -j addr`');
}

/** `ip -j link` prints the same entries without their addresses; `ip -j addr` prints an empty list where there are none. */
function noAddresses(file: SourceFile): Diagnostic {
  const message = 'this is what `ip -j link` prints, which has no addresses';
  const help = 'capture it with `ip -j addr`';
  return notListing(file, 'ip-addr-links', message, 'a list of links with `addr_info`', help);
}

function badAddress(file: SourceFile, pointer: string, text: string | undefined, family: 4 | 6): Diagnostic {
  return {
    severity: 'error',
    code: 'ip-addr-address',
    message: `\`${(text ?? '').slice(0, 80)}\` is no IPv${family} ${pointer.endsWith('prefixlen') ? 'prefix length' : 'address'}`,
    span: jsonSpan(file, pointer),
    expected: family === 4 ? 'four numbers from 0 to 255' : 'an IPv6 address without a zone',
  };
}
