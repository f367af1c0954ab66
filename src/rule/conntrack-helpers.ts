/** The protocols of the connections that something makes conntrack call related, or any. */
export type Expected = readonly number[] | 'any';

/** The protocols of the connections that a helper tells of; of one that the kernel does not bring along any. */
export function expectedBy(helper: string): Expected {
  // What listens at other ports, by a parameter of its module, has a number behind its name (nf_conntrack_helper.c, nf_ct_helper_init).
  const name = helper.replace(/-\d+$/, '');
  return Object.hasOwn(EXPECTED, name) ? (EXPECTED[name] ?? 'any') : 'any';
}

/**
 * What the kernel's helpers give nf_ct_expect_init() as the protocol (net/netfilter/nf_conntrack_ftp.c, _irc.c, _tftp.c and others). Those
 * of SIP tell of calls and of registrars, by TCP too; those of H.323 of one another's connections and of what these tell of.
 */
const EXPECTED: Readonly<Record<string, readonly number[]>> = {
  ftp: [6],
  irc: [6],
  sane: [6],
  amanda: [6],
  tftp: [17],
  'netbios-ns': [17],
  snmp: [17],
  snmp_trap: [],
  pptp: [47],
  sip: [6, 17],
  RAS: [6, 17],
  'Q.931': [6, 17],
  'H.245': [6, 17],
};
