import type { Selector, Statement } from '../ast/ast.ts';
import type { Protocols } from './protocol.ts';
import { checkSource, isAsLong, isReadable } from './source.ts';
import { typesOf } from './value-types.ts';
import { type CheckContext, checkValue } from './value.ts';
import { expressionType } from '../types/types.ts';

/** `dnat`, `snat`, `masquerade` and `redirect`: the family, the address, and a protocol that has ports. */
export function checkNat(
  nat: Extract<Statement, { kind: 'nat' }>,
  protocols: Protocols,
  context: CheckContext,
): boolean {
  const { table, problems } = context;
  const local = nat.what === 'masquerade' || nat.what === 'redirect';
  const family =
    nat.family ?? (table.family === 'ip' || table.family === 'ip6' ? table.family : protocols.network);
  if (!local && nat.address !== undefined && family !== 'ip' && family !== 'ip6') {
    problems.error('nat-family', nat, `which family \`${nat.what}\` translates is not said`, {
      expected: `\`${nat.what} ip to …\` or \`${nat.what} ip6 to …\` in a table of the family ${table.family}`,
    });
    return false;
  }
  const { network } = protocols;
  if (nat.family !== undefined && network !== undefined && network !== nat.family) {
    problems.error('nat-family', nat, `the rule is about ${network} packets, and this is for ${nat.family}`, {
      expected: `\`${nat.what} ${network === 'ip' ? 'ip ' : 'ip6 '}to …\``,
    });
    return false;
  }
  if (nat.address !== undefined && !checkNatAddress(nat.address, family, protocols, context)) return false;
  const together = givesPort(nat.address, context);
  if (together && nat.address?.kind === 'value' && nat.withPort !== true) {
    problems.error('nat-family', nat, 'an address and a port are given together', {
      expected: `\`${nat.what} ${family} addr . port to …\``,
    });
    return false;
  }
  if (nat.withPort === true && !together && nat.address !== undefined) {
    problems.error('type-mismatch', nat.address, 'this is an address without a port', {
      expected: 'an address and a port joined by ` . `',
    });
    return false;
  }
  const port = expressionType('tcp dport');
  // A map asks for the protocol of its key (nft from 1.1 on reads it first).
  if (nat.portFrom !== undefined && !checkSource(nat.portFrom, port, protocols, context)) return false;
  const ports = together || nat.port !== undefined || nat.portFrom !== undefined;
  if (ports && !protocols.hasTransport && !asksTransport(nat.address)) {
    problems.error('no-transport', nat.port ?? nat, 'a port needs a protocol that has ports in front of it', {
      expected: 'a match such as `tcp dport 80` or `meta l4proto tcp` before the translation',
    });
    return false;
  }
  return nat.port === undefined || checkValue(nat.port, [port], context);
}

/** `1.1.1.1 . 80`, also where a map gives it. */
function givesPort(address: Selector | undefined, { table }: CheckContext): boolean {
  if (address?.kind === 'value') return address.value.kind === 'concat';
  if (address?.kind !== 'map') return false;
  const { data } = address;
  if (data.kind === 'set-ref') return (table.sets.get(data.name)?.data?.length ?? 1) > 1;
  return data.kind === 'set' && data.elements[0]?.data?.kind === 'concat';
}

/**
 * Whether the key of a map asks for the transport protocol among other things, as systemd-networkd's maps do: `meta l4proto . th
 * dport map @m` (src/evaluate.c of nftables, nat_evaluate_addr_has_th_expr).
 */
function asksTransport(address: Selector | undefined): boolean {
  if (address?.kind !== 'map' || address.key.kind !== 'concat') return false;
  return address.key.of.some(
    (one) =>
      (one.kind === 'meta' && one.key === 'l4proto') ||
      (one.kind === 'payload' && (one.field === 'protocol' || one.field === 'nexthdr')),
  );
}

function checkNatAddress(
  address: Selector,
  family: string | undefined,
  protocols: Protocols,
  context: CheckContext,
): boolean {
  const type = expressionType(family === 'ip6' ? 'ip6 daddr' : 'ip daddr');
  if (address.kind === 'value' && address.value.kind !== 'concat')
    return checkValue(address.value, [type], context);
  if (!isReadable(address, context) || !protocols.read(address) || !isAsLong(address, type, context))
    return false;
  const types = typesOf(address, context);
  if (types === undefined) return false;
  const [given] = types;
  if (types.length !== 1 || given === undefined || type === undefined || given.name === type.name)
    return true;
  const addresses = ['ipv4_addr', 'ipv6_addr'];
  if (given.name === 'integer' || (address.kind === 'map' && !addresses.includes(given.name))) return true;
  context.problems.error('type-mismatch', address, `this gives a value of the type ${given.name}`, {
    expected: `a value of the type ${type.name}`,
  });
  return false;
}
