import type { MatchUse, TargetUse } from './ast.ts';
import type { RuleContext } from './matches/module.ts';

/** Options without which the tools refuse a module, as lists of which at least one must stand; seen with iptables 1.8.9. */
type Needed = Readonly<Record<string, readonly (readonly string[])[]>>;

const OWNER = ['uid-owner', 'gid-owner', 'socket-exists', 'pid-owner', 'sid-owner', 'cmd-owner'];
const PHYSDEV = ['in', 'out', 'is-in', 'is-out', 'is-bridged'].map((name) => `physdev-${name}`);

/** Of the matches that say nothing about it themselves. */
const OF_MATCHES: Needed = {
  bpf: [['bytecode', 'object-pinned']],
  cluster: [['cluster-local-node', 'cluster-local-nodemask'], ['cluster-total-nodes'], ['cluster-hash-seed']],
  connbytes: [['connbytes'], ['connbytes-dir'], ['connbytes-mode']],
  connlabel: [['label']],
  connlimit: [['connlimit-upto', 'connlimit-above']],
  cpu: [['cpu']],
  devgroup: [['src-group', 'dst-group']],
  hashlimit: [['hashlimit-upto', 'hashlimit-above'], ['hashlimit-name']],
  helper: [['helper']],
  nfacct: [['nfacct-name']],
  osf: [['genre']],
  owner: [OWNER],
  physdev: [PHYSDEV],
  policy: [['dir']],
  quota: [['quota']],
  realm: [['realm']],
  statistic: [['mode']],
  string: [['string', 'hex-string'], ['algo']],
  tcpmss: [['mss']],
  u32: [['u32']],
};

const OF_TARGETS: Needed = {
  AUDIT: [['type']],
  CHECKSUM: [['checksum-fill']],
  CLASSIFY: [['set-class']],
  CONNSECMARK: [['save', 'restore']],
  DNPT: [['src-pfx'], ['dst-pfx']],
  HMARK: [['hmark-mod']],
  IDLETIMER: [['timeout'], ['label']],
  RATEEST: [['rateest-name'], ['rateest-interval'], ['rateest-ewmalog']],
  SECMARK: [['selctx']],
  SNPT: [['src-pfx'], ['dst-pfx']],
  TCPMSS: [['set-mss', 'clamp-mss-to-pmtu']],
  TEE: [['gateway']],
  TPROXY: [['on-port']],
};

/** Reports what a match or a target lacks that the tools would not load it without; true where it lacks nothing. */
export function hasNeededOptions(
  use: MatchUse | TargetUse,
  flag: '-m' | '-j',
  context: RuleContext,
): boolean {
  const name = typeof use.name === 'string' ? use.name : use.name.text;
  const table = flag === '-m' ? OF_MATCHES : OF_TARGETS;
  const needed = Object.hasOwn(table, name) ? (table[name] as readonly (readonly string[])[]) : [];
  const lacking = needed.find((names) => !use.options.some((option) => names.includes(option.name)));
  if (lacking === undefined) return true;
  const names = lacking.map((one) => `\`--${one}\``).join(', ');
  context.problems.error(
    'missing-option',
    use,
    `\`${flag} ${name}\` lacks ${lacking.length > 1 ? 'one of its options' : 'an option'}`,
    {
      expected: names,
    },
  );
  return false;
}
