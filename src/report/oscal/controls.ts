import type { RequirementEvidence } from '../../finding/report.ts';
import type { HostFinding } from '../all-findings.ts';
import { uuid } from '../uuid.ts';
import { controlToken, type OscalContext, ORIGINS, property } from './common.ts';
import { observationUuid } from './observations.ts';
import { isOfWay, wayOf } from '../../finding/controls.ts';

/** Observations that one finding names; the others are found by their `rule` property. */
const RELATED = 1000;

/** The requirements of each framework as a selection of controls. */
export function controlSelections({ controls }: OscalContext): unknown[] {
  return controls.frameworks.map((framework) => ({
    description: `${framework.title} ${framework.version}, ${framework.publisher}`,
    props: [property('framework', framework.id), property('edition', framework.version)],
    links: [{ href: framework.source, rel: 'reference' }],
    'include-controls': framework.requirements.map((requirement) => ({
      'control-id': controlToken(framework.id, requirement),
    })),
  }));
}

/**
 * One finding for each requirement on which a finding that is not waived evidences a shortfall and postern examines at least a
 * part of what it asks for. What is only a sign stays a property of the observations.
 */
export function controlFindings(context: OscalContext, findings: readonly HostFinding[]): unknown[] {
  return context.controls.frameworks.flatMap((framework) =>
    framework.requirements.flatMap((requirement) => {
      const against = requirement.against.filter(
        (kind) => kind.strength !== 'indirectly' && kind.findings > 0,
      );
      if (against.length === 0) return [];
      const token = controlToken(framework.id, requirement);
      return [
        {
          uuid: uuid('control', framework.id, framework.version, requirement.id),
          title: `${framework.title} ${framework.version}, ${requirement.id}`,
          description: description(requirement, against),
          props: against.map(({ rule, strength, findings: n }) => ({
            ...(property(rule, n) as object),
            class: strength,
          })),
          origins: ORIGINS,
          target: {
            type: 'objective-id',
            'target-id': requirement.oscal === undefined ? token : `${token}_obj`,
            status: {
              state: 'not-satisfied',
              reason: 'other',
              remarks:
                'Findings evidence a shortfall in what firewall configurations can show. Whether the requirement as a whole is met is for an assessor to say.',
            },
          },
          'related-observations': related(requirement, against, findings),
        },
      ];
    }),
  );
}

function description({ asks }: RequirementEvidence, against: RequirementEvidence['against']): string {
  const kinds = against.map(({ rule, strength, findings }) => `${findings} ${rule} (${strength})`);
  return `${asks} Findings that evidence a shortfall: ${kinds.join(', ')}.`;
}

function related(
  { direction }: RequirementEvidence,
  against: RequirementEvidence['against'],
  findings: readonly HostFinding[],
): unknown[] {
  const wanted = new Set(against.map(({ rule }) => rule));
  return findings
    .filter(({ finding }) => finding.waived === undefined && wanted.has(finding.rule))
    .filter(({ finding }) => isOfWay(direction, wayOf(finding)))
    .slice(0, RELATED)
    .map((one) => ({ 'observation-uuid': observationUuid(one) }));
}
