import { kept } from '../text/kept.ts';
import type { HostFacts } from './ruleset.ts';

const FOUND = new WeakMap<HostFacts, readonly string[]>();

/** The host's interfaces by which IP sees packets come and go: no parts of bridges and bonds. */
export function interfacesOfIp(host: HostFacts): readonly string[] {
  const { interfaces, ports } = host;
  if (ports === undefined) return interfaces;
  return kept(FOUND, host, () => interfaces.filter((name) => !ports.has(name)));
}
