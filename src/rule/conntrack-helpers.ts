/** The protocols of the connections that something makes conntrack call related, or any. */
export type Expected = readonly number[] | 'any';

/** The protocols of the connections that a helper tells of; of one that the kernel does not bring along any. */
export const expectedBy = (helper: string): Expected =>
  Object.hasOwn(EXPECTED, helper) ? (EXPECTED[helper] ?? 'any') : 'any';

/** What the kernel's helpers give nf_ct_expect_init() as the protocol (net/netfilter/nf_conntrack_ftp.c, _irc.c, _tftp.c and others). */
const EXPECTED: Readonly<Record<string, readonly number[]>> = {
  ftp: [6],
  irc: [6],
  sane: [6],
  amanda: [6],
  tftp: [17],
  'netbios-ns': [17],
  snmp: [17],
  pptp: [47],
};
