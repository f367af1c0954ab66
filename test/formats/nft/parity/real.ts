import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nftReader } from '../../../../src/formats/nft/index.ts';
import { SourceFile } from '../../../../src/text/source.ts';

/** What was said of a script: nothing where it was accepted. */
export type Refusal = string | undefined;

/** Asks the library that nft is; see its head. */
const CHECK = join(import.meta.dirname, 'check.py');
/** As many wait for the kernel side by side. */
const SHARDS = 8;

/** What `nft -c -f` says of each script, with nothing loaded. */
export function realRefusals(scripts: readonly string[]): readonly Refusal[] {
  const folder = mkdtempSync(join(tmpdir(), 'postern-parity-'));
  try {
    for (const [at, script] of scripts.entries()) writeFileSync(join(folder, String(at)), script);
    const count = String(scripts.length);
    spawnSync('python3', [CHECK, count, String(SHARDS)], { cwd: folder, stdio: 'ignore' });
    return scripts.map((_, at) => {
      const read = (name: string): string => readFileSync(join(folder, `${at}.${name}`), 'utf8').trim();
      if (!existsSync(join(folder, `${at}.rc`))) return 'nft did not answer';
      return read('rc') === '0' ? undefined : read('out').slice(0, 300);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What postern says of a script. */
export function ourRefusal(script: string): Refusal {
  const result = nftReader.read(new SourceFile('x.nft', script), 'nft', 'nft');
  if (result.ok) return undefined;
  const [error] = result.errors;
  return `${error?.code}: ${error?.message}${error?.expected === undefined ? '' : `; expected ${error.expected}`}`;
}

/** What nft says where a name is not known to this machine (`nft(8)`, DATA TYPES; /etc/iproute2, /etc/connlabel.conf). */
const UNKNOWN_HERE =
  /Interface does not exist|User does not exist|Group does not exist|cgroupv2 path fails|could not parse conntrack label|Could not parse (?:devgroup name|routing realm)|did not answer/;
/** nft itself breaks down: it says nothing of the script. */
const BROKEN = /^(?:BUG: |Segmentation fault|Aborted|Alarm clock|\S+: .*Assertion)/;
/** Features that a kernel may lack, and what newer versions of nft take. */
const FEATURES =
  /\b(?:queue|flowtable|secmark|helper|ingress|egress|cgroupv2|[io]brname|xt|dup|fwd|devices?|offload)\b/;
const NEWER =
  /\b(?:flags (?:dormant|owner) ?,|priority (?:dstnat|srcnat)\b|gc-interval|last\b|destroy\b|ibrhwaddr\b)/;

/**
 * Refusals that say something of the machine or of nft and not of the script. grammars/nft/README.md lists them.
 */
export function ofTheMachine(refusal: Refusal, script: string): boolean {
  if (refusal === undefined) return false;
  // Not every /etc/hosts has the name.
  if (/Could not resolve hostname/.test(refusal) && /\blocalhost\b/.test(script)) return true;
  if (UNKNOWN_HERE.test(refusal) || BROKEN.test(refusal)) return true;
  // A chain is renamed in the kernel's own list, where one of the same script is not yet.
  if (/No such file or directory/.test(refusal) && /\brename\s+chain\b/.test(script)) return true;
  // Listings leave out the protocol that nft asks for in front of a connection's ports.
  if (/\binvalid\b/.test(refusal) && /\bproto-(?:src|dst)\b/.test(script)) return true;
  // Rates of bytes for which newer kernels have no room, and older ones reckon wrongly.
  if (/Value too large/.test(refusal) && /bytes ?\/ ?[a-z]/.test(script)) return true;
  // Names that the manual has and nft lists, and does not read.
  if (/syntax error/.test(refusal) && /icmpv6 (?:parameter-problem|packet-too-big)/.test(script)) return true;
  // Headers in tunnels, which newer versions know.
  if (
    /No symbol type information|syntax error/.test(refusal) &&
    /\b(?:gre|vxlan|geneve|gretap) [a-z]/.test(script)
  )
    return true;
  // Newer versions set marks of other fields, and of two of them; they have names for what MPTCP's options are about.
  if (/expected packet mark|Right hand side of binary operation/.test(refusal) && /\bset\b/.test(script))
    return true;
  if (/Could not parse integer/.test(refusal) && /\bmptcp subtype\b/.test(script)) return true;
  // What nft lists of one bit and a mask of another, by name and by number.
  if (/expecting comma/.test(refusal) && /\/ *[a-z]+\b/.test(script)) return true;
  if (/Prefix length \d+ is invalid/.test(refusal) && /\/ *0x[1248]0?\b/.test(script)) return true;
  // Newer versions have quotas in elements, and elements that stay.
  if (/unexpected quota|wrong time format/.test(refusal) && /\bquota\b|\btimeout never\b/.test(script))
    return true;
  // Newer versions read a map of ports before they ask for a protocol.
  if (/only valid after transport protocol match/.test(refusal) && / map /.test(script)) return true;
  // Newer versions reset more.
  if (/syntax error/.test(refusal) && /\breset (?:rules?|set|map|element)\b/.test(script)) return true;
  if (/syntax error|invalid priority/.test(refusal) && NEWER.test(script)) return true;
  // Tables of bridge need modules of their own (net/bridge/netfilter), and these of netdev no connections at all.
  const bridged = /\bbridge\b/.test(script) && /\b(?:ct|reject)\b/.test(script);
  if (/Could not process rule/.test(refusal) && bridged) return true;
  if (/Protocol error/.test(refusal)) return false;
  return /Could not process rule|Operation not supported|No such file/.test(refusal) && FEATURES.test(script);
}
