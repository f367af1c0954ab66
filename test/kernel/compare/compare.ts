import { enumerateValuations, type Outcomes, outcomes, type Trace } from '../../../src/interpreter/index.ts';
import type { Packet } from '../../../src/packet/packet.ts';
import type { Action } from '../../../src/rule/action.ts';
import type { Ruleset } from '../../../src/rule/ruleset.ts';
import { isAnycast } from '../generate/addresses.ts';
import type { KernelAnswer } from '../judge.ts';

/** What a packet's two judges have to say about each other. */
export type Comparison =
  /** The kernel and postern agree. */
  | { readonly kind: 'agree'; readonly certain: boolean }
  /** Postern says `possible` for a reason that it should not need. */
  | { readonly kind: 'undecided'; readonly why: string }
  | { readonly kind: 'differ'; readonly why: string };

/**
 * What may leave an answer open although every construct of the rule set is one of those that are judged here: facts
 * that a packet's description does not carry.
 */
const EXPECTED_OPEN: readonly RegExp[] = [
  // The description says `established`, not in which direction, nor what the connection's first packet looked like.
  /^-m conntrack (! )?--ct(orig|repl|proto)/,
  /^-m conntrack (! )?--ctstate (.*,)?[SD]NAT/,
  /--ctstate [SD]NAT/,
  // Which of two tables hung its chain first: no listing says so.
  / was registered later than /,
  // Whether nft has loaded two comparisons or one.
  /\(as one comparison\)$/,
  // What nft 1.0.6 lists `ip dscp vmap` as, and headers whose family it has lost sight of.
  /@ nh , \d+ , \d+/,
  /\bct (?:status|direction|original|reply|protocol)\b/,
];

/** Ways that a packet may take through a small rule set; more are not looked at. */
const MAXIMUM_WAYS = 10_000;

/** What only the host's own addresses decide, which are not known of a sink. */
const OPEN_WITHOUT_FACTS: readonly RegExp[] = [/^-m addrtype/, /^the destination address after translation$/];

/** Where a packet to the host leaves that a rule sends elsewhere: its description has no such interface. */
const OPEN_WHEN_SENT_ON: readonly RegExp[] = [
  /^-o /,
  /^-m addrtype .*--limit-iface-out/,
  /^the outgoing interface$/,
];

/** Whether the host forwards is not among its facts, so neither whether its networks' first IPv6 addresses are anycast ones. */
const OPEN_OF_ANYCAST: readonly RegExp[] = [/^-m addrtype/];

/** What looks at a destination that REDIRECT has made an address of a host that is not known. */
const OPEN_BEHIND_REDIRECT: readonly RegExp[] = [/^-m set /, /^the dst address$/];

/** Source translation may take another port, which nobody can tell beforehand. */
const OPEN_BEHIND_SNAT: readonly RegExp[] = [/^the source port$/, /^the source address after translation$/];

function translatesSource({ chains }: Ruleset): boolean {
  const isSource = (action: Action) => action.kind === 'translate' && action.what === 'snat';
  return chains.some(({ rules }) => rules.some(({ actions }) => actions.some(isSource)));
}

function redirects({ chains }: Ruleset): boolean {
  const toHost = (action: Action) => action.kind === 'translate' && action.address?.kind === 'local';
  return chains.some(({ rules }) => rules.some(({ actions }) => actions.some(toHost)));
}

function isExpected(text: string, ruleset: Ruleset, packet: Packet): boolean {
  const expected = [
    ...EXPECTED_OPEN,
    ...(ruleset.host === undefined ? OPEN_WITHOUT_FACTS : []),
    ...(packet.family === 6 && (isAnycast(packet.dst) || isAnycast(packet.src)) ? OPEN_OF_ANYCAST : []),
    ...(ruleset.host === undefined && redirects(ruleset) ? OPEN_BEHIND_REDIRECT : []),
    ...(packet.hook === 'input' ? OPEN_WHEN_SENT_ON : []),
    ...(translatesSource(ruleset) ? OPEN_BEHIND_SNAT : []),
  ];
  return expected.some((open) => open.test(text));
}

/** Compares the kernel's answer with the interpreter's. */
export function compareWithInterpreter(ruleset: Ruleset, packet: Packet, kernel: KernelAnswer): Comparison {
  const found = outcomes(ruleset, packet);
  const passes = kernel.verdict === 'accept';
  const reachable = found.verdicts.some((verdict) => (verdict === 'accept') === passes);
  if (!reachable)
    return { kind: 'differ', why: `kernel ${kernel.verdict}, interpreter ${found.verdicts.join(' or ')}` };
  if (found.certainty === 'possible') {
    const unexplained = found.dependsOn.filter((text) => !isExpected(text, ruleset, packet));
    if (unexplained.length > 0 || found.dependsOn.length === 0)
      return { kind: 'undecided', why: unexplained.join('; ') || found.note || 'no reason given' };
    return { kind: 'agree', certain: false };
  }
  const translation = compareTranslation(ruleset, found, packet, kernel);
  return translation === undefined ? { kind: 'agree', certain: true } : { kind: 'differ', why: translation };
}

/** Whether the packet that came out is the one that the interpreter says. */
function compareTranslation(
  ruleset: Ruleset,
  found: Outcomes,
  packet: Packet,
  kernel: KernelAnswer,
): string | undefined {
  if (kernel.verdict !== 'accept') return undefined;
  const same = (trace: Trace) => trace.verdict === 'accept' && sameDestination(trace, packet, kernel);
  if (found.traces.some(same)) return undefined;
  // Ways with one verdict may have several destinations.
  let anywhere = false;
  const visit = (trace: Trace) => {
    anywhere ||= same(trace);
  };
  enumerateValuations(ruleset, packet, visit, {}, MAXIMUM_WAYS);
  if (anywhere) return undefined;
  return `kernel delivers to ${kernel.dst} port ${kernel.dport}, interpreter says otherwise`;
}

function sameDestination(
  { translated }: Trace,
  packet: Packet,
  kernel: Extract<KernelAnswer, { verdict: 'accept' }>,
): boolean {
  const dst = translated?.dst ?? [packet.dst, packet.dst];
  const dport = translated?.dport ?? [packet.dport, packet.dport];
  return within(dst, kernel.dst) && (kernel.dport === undefined || within(dport, kernel.dport));
}

function within<T extends number | bigint>(ranges: readonly T[], value: T): boolean {
  for (let i = 0; i < ranges.length; i += 2)
    if ((ranges[i] as T) <= value && value <= (ranges[i + 1] as T)) return true;
  return false;
}
