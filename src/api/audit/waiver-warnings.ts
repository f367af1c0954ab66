import type { Diagnostic } from '../../text/diagnostic.ts';
import type { WaiverOutcome } from '../../waiver/desk.ts';

/** A waiver that could mean findings at several hooks. */
export function ambiguous({ waiver, hooks }: WaiverOutcome): Diagnostic[] {
  if (waiver.hooks !== undefined || waiver.fingerprint !== undefined || hooks.length < 2) return [];
  const message = `The waiver \`${waiver.id}\` covers findings at ${hooks.join(' and ')}, and does not say which it is about.`;
  const help = `Add \`hook: ${hooks[0]}\`, or \`hook: [${hooks.join(', ')}]\` if all are meant.`;
  return [{ severity: 'error', code: 'ambiguous-waiver', message, span: waiver.place, help }];
}

/** What is to be told of a waiver beside the report. */
export function warnings(outcome: WaiverOutcome): Diagnostic[] {
  return [standing(outcome), expiring(outcome)].flatMap((said): Diagnostic[] => {
    if (said === undefined) return [];
    const { code, does, help } = said;
    const message = `The waiver \`${outcome.waiver.id}\` ${does}`;
    return [{ severity: 'warning', code, message, span: outcome.waiver.place, help }];
  });
}

interface Said {
  readonly code: string;
  readonly does: string;
  readonly help: string;
}

/** Why a waiver covers nothing, or no longer what it covered. */
function standing({ waiver, report, refused, early }: WaiverOutcome): Said | undefined {
  if (refused.length > 0)
    return {
      code: 'waiver-needs-override',
      does: 'names what a document prohibits, and covers nothing of it.',
      help: 'A prohibited opening is waived only with `override: true`.',
    };
  if (early)
    return {
      code: 'waiver-early',
      does: `holds from ${waiver.created} on, and not yet.`,
      help: 'Until then its findings count.',
    };
  if (report.status === 'unused')
    return {
      code: 'waiver-unused',
      does: 'matches no finding.',
      help: 'Remove it, or compare its rule, connection, host and packets with the report.',
    };
  if (report.status !== 'expired') return undefined;
  const code = 'waiver-expired';
  return report.findings.length === 0
    ? { code, does: `expired on ${waiver.expires} and matches no finding.`, help: 'Remove it.' }
    : {
        code,
        does: `expired on ${waiver.expires}.`,
        help: 'Mend what it covered, or have it approved anew.',
      };
}

function expiring({ waiver, report }: WaiverOutcome): Said | undefined {
  if (report.status !== 'expiring') return undefined;
  return {
    code: 'waiver-expiring',
    does: `expires on ${waiver.expires}: ${daysText(report.daysLeft ?? 0)}.`,
    help: 'Mend what it covers before, or have it approved anew.',
  };
}

function daysText(days: number): string {
  if (days === 0) return 'this is its last day';
  return days === 1 ? 'one day is left' : `${days} days are left`;
}
