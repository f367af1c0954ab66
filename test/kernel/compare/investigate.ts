import { outcomes } from '../../../src/interpreter/index.ts';
import type { Ruleset } from '../../../src/rule/ruleset.ts';
import { formatPlace, type Span } from '../../../src/text/source.ts';
import type { HostSpec } from '../generate/spec.ts';
import { render } from '../generate/spec.ts';
import type { Case } from './case.ts';
import { type Fixture, saveFixture } from './fixture.ts';
import { toJson } from './packet-json.ts';
import type { CaseResult, Complaint, Session } from './session.ts';
import { type Shrunk, shrink } from './shrink.ts';

/** Shrinks a case that showed a complaint, keeps it as a fixture where the kernel's verdict is one, and tells about it. */
export async function investigate(
  session: Session,
  one: Case,
  result: CaseResult,
  replay: string,
): Promise<string> {
  const first = result.complaints[0] as Complaint;
  const head = [`\n=== ${first.kind}: ${first.why}`, `replay: ${replay}`];
  if (result.complaints.length > 1) head.push(`and ${result.complaints.length - 1} more of this rule set`);
  if (first.packet === undefined) return [...head, ...(await shrinkRefusal(session, one, first))].join('\n');
  const shows = async (host: HostSpec, packet: Shrunk['packet']) => {
    const again = await session.run(host, [packet], one.dumped);
    return again.complaints.some(
      ({ kind, kernel }) =>
        kind === first.kind && (kernel?.verdict === 'unsent') === (first.kernel?.verdict === 'unsent'),
    );
  };
  const small = await shrink({ host: one.host, packet: first.packet }, shows);
  const [last] = (await session.run(small.host, [small.packet], one.dumped)).complaints;
  const lines = [...head, ...textsOf(small.host), `packet: ${JSON.stringify(toJson(small.packet))}`];
  lines.push(`shrunk: ${last?.why}`, `kernel: ${last?.kernel?.verdict}`);
  if (session.lastRuleset !== undefined) lines.push(...pathsOf(session.lastRuleset, small.packet));
  if (last?.kernel !== undefined && first.kind !== 'lost')
    lines.push(
      `kept: ${saveFixture({ ...fixtureOf(small, last, replay), ...(await session.factsOf(small.host.kind)) })}`,
    );
  return lines.join('\n');
}

/** A rule set that postern refuses: shrink it without any packet. */
async function shrinkRefusal(session: Session, one: Case, first: Complaint): Promise<string[]> {
  const [packet] = one.packets;
  if (packet === undefined) return textsOf(one.host);
  const small = await shrink({ host: one.host, packet }, async (host) => {
    const again = await session.run(host, [], one.dumped);
    return again.complaints.some((complaint) => complaint.kind === first.kind);
  });
  return textsOf(small.host);
}

function textsOf(host: HostSpec): string[] {
  const { ipset, v4, v6, nft, backend } = render(host);
  return [`--- ${backend}, ${host.kind}`, ipset ?? '', v4 ?? v6 ?? nft ?? ''].filter((text) => text !== '');
}

/** The interpreter's way to each verdict, rule by rule. */
function pathsOf(ruleset: Ruleset, packet: Shrunk['packet']): string[] {
  return outcomes(ruleset, packet).traces.flatMap((trace) => [
    `interpreter: ${trace.verdict}`,
    ...trace.path.map(({ origin, did }) => `  ${formatPlace(origin)} ${did}: ${textOf(origin)}`),
  ]);
}

function textOf({ file, start, end }: Span): string {
  return file.text.slice(start, Math.min(end, start + 200)).split('\n')[0] ?? '';
}

function fixtureOf({ host, packet }: Shrunk, last: Complaint, replay: string): Fixture {
  const { kernel } = last;
  const number = /--seed (\d+).*--only (\d+)/.exec(replay);
  const accepted = kernel?.verdict === 'accept';
  const moved =
    accepted && kernel.dst !== packet.dst ? { dst: toJson({ ...packet, dst: kernel.dst }).dst } : {};
  const port =
    accepted && kernel.dport !== undefined && kernel.dport !== packet.dport ? { dport: kernel.dport } : {};
  return {
    name: `seed-${number?.[1]}-${number?.[2]}`,
    title: last.why,
    kind: host.kind,
    plan: host.plan,
    files: render(host),
    packets: [{ packet, expected: { verdict: accepted ? 'accept' : 'drop', ...moved, ...port } }],
  };
}
