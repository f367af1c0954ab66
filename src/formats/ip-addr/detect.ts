import type { SourceFile } from '../../text/source.ts';
import type { InputFormat } from '../reader.ts';

/** How far into a file its format shows. */
const HEAD = 65536;

/** Whether a text looks like the JSON of `ip -j addr`, by its beginning. */
export function detectAddresses(source: SourceFile): InputFormat | undefined {
  const head = source.text.slice(0, HEAD);
  if (!/^\s*\[\s*\{/.test(head)) return undefined;
  return /"ifname"\s*:/.test(head) && /"(addr_info|ifindex)"\s*:/.test(head) ? 'ip-addr' : undefined;
}
