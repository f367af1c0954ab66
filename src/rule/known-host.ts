import { kept } from '../text/kept.ts';
import type { Ruleset } from './ruleset.ts';

/** What is left where the listing is about the other family. */
const WITHOUT_HOST = new WeakMap<Ruleset, Ruleset>();

/**
 * The rule set with what is known of the host in a family. A listing without any address of it (`ip -4 -j addr`) tells nothing there:
 * a host that speaks IPv4 has 127.0.0.1, and one that speaks IPv6 has ::1. So its addresses are anybody's guess, not none.
 */
export function withKnownHost(ruleset: Ruleset, family: 4 | 6): Ruleset {
  const { host } = ruleset;
  if (host === undefined || host.addresses.some((own) => own.family === family)) return ruleset;
  return kept(WITHOUT_HOST, ruleset, () => ({ ...ruleset, host: undefined }));
}
