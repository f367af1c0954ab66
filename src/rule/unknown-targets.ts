import type { Action, ForgettableField } from './action.ts';

/** Fields that a target nobody knows might change. */
const CHANGEABLE: readonly ForgettableField[] = ['mark', 'ctmark', 'tos', 'ttl', 'tcpFlags'];
/** And these, as FULLCONENAT and RAWDNAT do: what comes out may be sent anywhere. */
const ENDS: readonly ForgettableField[] = ['src', 'dst', 'sport', 'dport'];

/** Targets of xtables-addons(8) and older kernels that send a packet on, if they do, from where and to where it was sent. */
const KEEPS_ENDS: ReadonlySet<string> = new Set(
  'ACCOUNT CHAOS DELUDE DHCPMAC ECHO FLOWOFFLOAD FTOS IMQ IPMARK IPV4OPTSSTRIP LOGMARK ROUTE SYSRQ TARPIT'.split(
    ' ',
  ),
);

/** Whether a target of iptables that is not modelled may send a packet on with other addresses and ports. */
export function maySendElsewhere(name: string): boolean {
  return !KEEPS_ENDS.has(name);
}

/** What is not known of a packet behind such a target. */
export function changedByUnknown(name: string): readonly Action[] {
  const fields = maySendElsewhere(name) ? [...CHANGEABLE, ...ENDS] : CHANGEABLE;
  return fields.map((field) => ({ kind: 'forget', field }));
}
