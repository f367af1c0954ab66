import type { FindingCode, Severity } from '../../finding/report.ts';
import { controlsOfRule, controlTag, STRENGTHS } from '../../finding/controls.ts';
import { RULES, type RuleRecord } from '../../finding/rules.ts';

/** GitHub rejects a file whose rule has more tags, and shows ten ("SARIF results exceed one or more limits"). */
export const MAXIMUM_TAGS = 20;

/**
 * GitHub's scale: over 9.0 is critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, 0.1 to 3.9 low ("SARIF support for code scanning",
 * `security-severity`). Strings, as GitHub asks for.
 */
const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.5',
  info: '0.1',
};

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

/** The level of a result (SARIF 3.27.10). */
export function levelOf(severity: Severity): 'error' | 'warning' | 'note' {
  return LEVELS[severity];
}

/** The rules that the findings of a run carry, as reporting descriptors (SARIF 3.49), in the order of postern's own list. */
export function descriptorsOf(found: ReadonlyMap<string, FindingCode>): readonly Descriptor[] {
  const known = RULES.filter(({ id }) => found.has(id)).map(descriptor);
  const others = [...found].filter(([id]) => !RULES.some((rule) => rule.id === id)).sort();
  return [...known, ...others.map(([id, code]) => unknownDescriptor(id, code))];
}

/** The least that a descriptor has; the rest is for readers. */
export interface Descriptor {
  readonly id: string;
}

function descriptor(rule: RuleRecord): Descriptor {
  const controls = controlsOfRule(rule.id);
  const byStrength = STRENGTHS.flatMap((strength) => controls.filter((c) => c.strength === strength));
  const severity = `Severity: ${rule.severity}${rule.severityNote === undefined ? '' : `; ${rule.severityNote}`}.`;
  const evidences = STRENGTHS.flatMap((strength) => {
    const tags = controls.filter((c) => c.strength === strength).map(controlTag);
    return tags.length === 0 ? [] : [`${strength}: ${tags.join(', ')}`];
  });
  const text = [rule.meaning, `What to do: ${rule.mend}`, severity, `Evidences ${evidences.join('; ')}.`];
  const markdown = [
    rule.meaning,
    `**What to do.** ${rule.mend}`,
    severity,
    `Evidences\n\n${evidences.map((line) => `- ${line}`).join('\n')}`,
  ];
  return {
    id: rule.id,
    name: pascal(rule.id),
    shortDescription: { text: rule.title },
    fullDescription: { text: rule.meaning },
    defaultConfiguration: { level: levelOf(rule.severity) },
    help: { text: text.join('\n\n'), markdown: markdown.join('\n\n') },
    properties: {
      tags: ['security', rule.code, ...byStrength.map(controlTag)].slice(0, MAXIMUM_TAGS),
      precision: 'very-high',
      'security-severity': SECURITY_SEVERITY[rule.severity],
      'problem.severity': { error: 'error', warning: 'warning', note: 'recommendation' }[
        levelOf(rule.severity)
      ],
      controls: controls.map(({ framework, requirement, strength }) => ({
        framework,
        requirement,
        strength,
      })),
    },
  } as Descriptor;
}

function unknownDescriptor(id: string, code: FindingCode): Descriptor {
  const text = `A finding of code \`${code}\`.`;
  return {
    id,
    name: pascal(id),
    shortDescription: { text },
    fullDescription: { text },
    help: { text, markdown: text },
    properties: { tags: ['security', code] },
  } as Descriptor;
}

const pascal = (id: string): string =>
  id
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
