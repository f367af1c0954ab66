import { parseAddress } from '../../packet/address.ts';
import type { GroupMembers } from '../../rule/ruleset.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import type { Port } from './content.ts';

/**
 * The fixed addresses of ports; undefined where they have none, for then nothing is known of theirs.
 * @param all also their allowed address pairs, and the link-local addresses that their MAC addresses make
 */
export function addressesOf(ports: readonly Port[], all: boolean): GroupMembers | undefined {
  if (ports.length === 0 || ports.some(({ addresses }) => addresses.length === 0)) return undefined;
  const gathered = new AddressGatherer();
  for (const { addresses, pairs = [], mac } of ports) {
    for (const text of addresses) gathered.add(text);
    if (!all) continue;
    for (const text of pairs) gathered.add(text);
    addLinkLocal(gathered, mac);
  }
  return gathered.members;
}

/** The modified EUI-64 of a MAC address (RFC 4291, appendix A); the whole of fe80::/64 where no MAC is known. */
function addLinkLocal(gathered: AddressGatherer, mac: string | undefined): void {
  if (mac === undefined || !/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i.test(mac)) {
    gathered.add('fe80::/64');
    return;
  }
  const bits = BigInt(`0x${mac.replaceAll(':', '')}`);
  const prefix = parseAddress('fe80::')?.value ?? 0n;
  const eui = ((bits >> 24n) << 40n) | (0xfffen << 24n) | (bits & 0xffffffn);
  const address = prefix | (eui ^ (1n << 57n));
  gathered.addRange(6, address, address);
}
