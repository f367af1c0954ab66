import type { ConnectionReport, Finding, HostReport } from '../../finding/report.ts';
import {
  type ControlReference,
  controlsOfRule,
  controlsOfState,
  controlTag,
  FRAMEWORKS,
  type SatisfiedState,
  stateOf,
  wayOf,
} from '../../finding/controls.ts';
import type { HostFinding } from '../all-findings.ts';
import { evidenceText, factsOf } from '../finding-lines.ts';
import { findingTitle } from '../finding-title.ts';
import { uuid } from '../uuid.ts';
import { visible } from '../visible.ts';
import { controlToken, hostUuid, inputUuid, type OscalContext, ORIGINS, property, string } from './common.ts';

/** The UUID of a finding's observation: equal findings of two reports have the same. */
export function observationUuid({ host, finding }: HostFinding): string {
  return uuid('observation', host.name, finding.fingerprint);
}

/** A finding as an observation. */
export function findingObservation(context: OscalContext, one: HostFinding): unknown {
  const { host, finding } = one;
  const facts = factsOf(finding).filter(([label]) => label !== 'evidence' && label !== 'fingerprint');
  const evidence = finding.evidence.map((line) => ({
    ...(context.paths.has(line.file) && { href: `#${inputUuid(line.file)}` }),
    description: string(evidenceText(line)),
    props: [property('line', line.line), property('column', line.column)],
  }));
  return {
    uuid: observationUuid(one),
    title: string(`${host.name}: ${findingTitle(finding)}`),
    description: string(finding.message),
    props: [
      property('code', finding.code),
      property('rule', finding.rule),
      property('severity', finding.severity),
      property('certainty', finding.certainty),
      property('family', finding.family),
      property('hook', finding.hook),
      ...(finding.baseline === undefined ? [] : [property('baseline', finding.baseline)]),
      ...(finding.connection === undefined ? [] : [property('connection', finding.connection)]),
      property('fingerprint', finding.fingerprint),
      ...(finding.waived === undefined ? [] : [property('waiver', finding.waived)]),
      ...ruleProperties(finding),
    ],
    methods: ['TEST'],
    types: ['finding'],
    origins: ORIGINS,
    subjects: [{ 'subject-uuid': hostUuid(host.name), type: 'inventory-item' }],
    ...(evidence.length > 0 && { 'relevant-evidence': evidence }),
    collected: context.time.text,
    remarks: facts.map(([label, text]) => `${label}: ${visible(text)}`).join('\n'),
  };
}

/** One observation for each kind of rows of a host that had to be as they are, and one for those that could not be judged. */
export function rowObservations(context: OscalContext, host: HostReport): unknown[] {
  const kinds = [
    ['needed-open', 'Required rows that are open, as they must be.'],
    ['prohibited-closed', 'Prohibited rows that are closed, as they must be.'],
    ['undetermined', 'Rows that could not be judged.'],
  ] as const;
  return kinds.flatMap(([kind, description]) => {
    const rows = host.connections.filter(
      (row) => (row.status === 'undetermined' ? 'undetermined' : stateOf(row)) === kind,
    );
    if (rows.length === 0) return [];
    return [
      {
        uuid: uuid('rows', host.name, kind),
        title: string(`${host.name}: ${kind}`),
        description,
        props: [
          property('rows', rows.length),
          ...(kind === 'undetermined' ? [] : controlProperties(controlsOfRows(kind, rows))),
        ],
        methods: ['TEST'],
        origins: ORIGINS,
        subjects: [{ 'subject-uuid': hostUuid(host.name), type: 'inventory-item' }],
        'relevant-evidence': rows.map(rowEvidence),
        collected: context.time.text,
      },
    ];
  });
}

/** What rows in a state evidence: each requirement on which one of them bears. */
function controlsOfRows(
  state: SatisfiedState,
  rows: readonly ConnectionReport[],
): readonly ControlReference[] {
  const ways = [...new Set(rows.map(({ direction }) => direction))];
  const bearing = new Set(ways.flatMap((way) => controlsOfState(state, way)));
  return controlsOfState(state).filter((one) => bearing.has(one));
}

function rowEvidence({ baseline, id, direction, document, reason }: ConnectionReport): unknown {
  const why = reason === undefined ? '' : ` (${reason})`;
  return {
    description: string(`${baseline}: ${id} (${direction}): ${document.row}: ${document.text}${why}`),
  };
}

/** Which requirements something evidences, each with how directly as its class. */
function controlProperties(controls: readonly ControlReference[]): unknown[] {
  return controls.map((reference) => ({
    ...(property('evidences', TOKENS.get(controlTag(reference)) ?? reference.requirement) as object),
    class: reference.strength,
    group: reference.framework,
  }));
}

/** The token of each requirement, by its tag. */
const TOKENS: ReadonlyMap<string, string> = new Map(
  FRAMEWORKS.flatMap(({ id: framework, requirements }) =>
    requirements.map((requirement) => [
      `${framework}:${requirement.id}`,
      controlToken(framework, requirement),
    ]),
  ),
);

/** What findings of a rule evidence that go one way, made once: there may be a million findings. */
const made = new Map<string, readonly unknown[]>();

function ruleProperties(finding: Finding): readonly unknown[] {
  const way = wayOf(finding);
  const key = `${finding.rule} ${way}`;
  const properties = made.get(key) ?? controlProperties(controlsOfRule(finding.rule, way));
  made.set(key, properties);
  return properties;
}
