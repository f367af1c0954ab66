import { type Result, success } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';
import type { ConfigPart, FormatReader } from '../reader.ts';
import { readLinks } from './build.ts';
import { detectAddresses } from './detect.ts';
import { lowerLinks } from './lower.ts';

/** The host's own addresses and interfaces as `ip -j addr` prints them (iproute2, `ip-address(8)`). */
export const ipAddrReader: FormatReader = {
  formats: ['ip-addr'],
  detect: detectAddresses,
  read: readIpAddr,
};

function readIpAddr(source: SourceFile): Result<ConfigPart> {
  const links = readLinks(source);
  if (!links.ok) return links;
  const lowered = lowerLinks(source, links.value);
  if (!lowered.ok) return lowered;
  const { host, coverage } = lowered.value;
  return success({ format: 'ip-addr', source, chains: [], sets: [], host, families: [], coverage });
}
