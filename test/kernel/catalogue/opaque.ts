import type { OpaqueEntry } from './types.ts';

const match = (
  construct: string,
  rule: string,
  note: string,
  more: Partial<OpaqueEntry> = {},
): OpaqueEntry => ({
  construct,
  family: 4,
  rule: `-p tcp ${rule} -j ACCEPT`,
  note,
  ...more,
});
const target = (
  construct: string,
  rule: string,
  note: string,
  more: Partial<OpaqueEntry> = {},
): OpaqueEntry => ({
  construct,
  family: 4,
  rule,
  note,
  ...more,
});

const HISTORY = 'depends on earlier packets or time';
const CONTENT = 'looks at what the packet carries';
const SURROUNDINGS = 'depends on the host, not on the packet';
const STATUS = 'depends on what the connection has seen';

/** What postern does not model: the outcome is possible, never certain. */
export const OPAQUE_MATCHES: readonly OpaqueEntry[] = [
  match('-m limit', '-m limit --limit 1/sec', HISTORY),
  match('-m hashlimit', '-m hashlimit --hashlimit-above 1/sec --hashlimit-name h', HISTORY),
  match('-m recent', '-m recent --rcheck --name r', `${HISTORY}; \`--set\` always matches`),
  match('-m connlimit', '-m connlimit --connlimit-above 3', HISTORY),
  match('-m connbytes', '-m connbytes --connbytes 1 --connbytes-dir both --connbytes-mode packets', STATUS),
  match('-m connlabel', '-m connlabel --label 1', STATUS, { rare: true }),
  match('-m helper', '-m helper --helper ftp', STATUS),
  match('--ctreplsrc and its like', '-m conntrack --ctreplsrc 10.0.0.1', STATUS),
  match('-m quota', '-m quota --quota 1000', HISTORY),
  match('-m statistic', '-m statistic --mode random --probability 0.5', 'chance'),
  match('-m time', '-m time --timestart 01:00 --timestop 02:00', HISTORY),
  match('-m rateest', '-m rateest --rateest x --rateest-lt --rateest-bps 1', HISTORY, { rare: true }),
  match('-m nfacct', '-m nfacct --nfacct-name x', HISTORY, { rare: true }),
  match('-m string', '-m string --string "x" --algo bm --to 65535', CONTENT),
  match('-m u32', '-m u32 --u32 "0x0&0xff=0x1"', CONTENT),
  match('-m bpf', '-m bpf --bytecode "1,6 0 0 1"', CONTENT, { rare: true }),
  match('-m tcp --tcp-option', '-m tcp --tcp-option 8', CONTENT),
  match('-m tcpmss', '--syn -m tcpmss --mss 1:500', CONTENT, { rare: true }),
  match('-m osf', '-m osf --genre Linux', CONTENT),
  match('-m owner', '-m owner --uid-owner 0', SURROUNDINGS, { rare: true }),
  match('-m cgroup', '-m cgroup --cgroup 1', SURROUNDINGS),
  match('-m socket', '-m socket', SURROUNDINGS),
  match('-m cpu', '-m cpu --cpu 0', SURROUNDINGS),
  match('-m devgroup', '-m devgroup --src-group 1', SURROUNDINGS),
  match('-m physdev', '-m physdev --physdev-in eth0', SURROUNDINGS),
  match('-m policy', '-m policy --dir in --pol none', SURROUNDINGS),
  match('-m realm', '-m realm --realm 1', SURROUNDINGS),
  match('-m rpfilter', '-m rpfilter', SURROUNDINGS, { rare: true }),
  match(
    '-m cluster',
    '-m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 1',
    SURROUNDINGS,
  ),
  match('-m ipvs', '-m ipvs --ipvs', SURROUNDINGS, { rare: true }),
  match(
    '-m addrtype --src-type LOCAL',
    '-m addrtype --src-type LOCAL',
    'exact where the host’s addresses are given (`ip -j addr`)',
  ),
  match(
    '-m set with a set that was not given',
    '-m set --match-set unknown src',
    'give `ipset save` to make it exact',
    {
      rare: true,
    },
  ),
  match('an extension that nobody knows', '-m geoip --src-cc DE', 'taken as one opaque condition', {
    rare: true,
  }),
  {
    ...match('-m sctp --chunk-types', '', CONTENT),
    rule: '-p sctp -m sctp --chunk-types any INIT -j ACCEPT',
  },
  { ...match('-m dccp --dccp-types', '', CONTENT), rule: '-p dccp -m dccp --dccp-types REQUEST -j ACCEPT' },
  { ...match('-m ah --ahspi', '', CONTENT), rule: '-p ah -m ah --ahspi 5:9 -j ACCEPT' },
  { ...match('-m esp --espspi', '', CONTENT), rule: '-p esp -m esp --espspi 5 -j ACCEPT' },
  match('-m eui64', '-m eui64', 'compares the address with the MAC address', { family: 6 }),
  match('-m rt with conditions on its contents', '-m rt --rt-segsleft 1', CONTENT, { family: 6 }),
];

/** Targets after which several things may happen. */
export const OPAQUE_TARGETS: readonly OpaqueEntry[] = [
  target('NFQUEUE', '-p tcp -j NFQUEUE --queue-num 3', 'a program decides'),
  target(
    'SYNPROXY',
    '-p tcp -m conntrack --ctstate INVALID,UNTRACKED,NEW -j SYNPROXY',
    'the host answers a SYN itself',
    {
      rare: true,
    },
  ),
  target('a target that nobody knows', '-p tcp -j TARPIT', 'anything may happen', { rare: true }),
];
