import type { Translated } from '../../finding/report.ts';
import { formatRange } from '../../packet/address.ts';
import { type Flow, isTranslated } from '../../symbolic/chains/summary.ts';
import type { Translation } from '../../symbolic/translation/transform.ts';

/** Where the flows' packets go after destination translation, where all of them go to one place. */
export function translatedText(flows: readonly Flow[], family: 4 | 6): Translated | undefined {
  // Of most findings nothing is translated.
  if (!flows.some(isTranslated)) return undefined;
  const shown = flows.map((flow) => one(flow, family));
  const [first] = shown;
  const isOther = (other: Translated | undefined): boolean =>
    other?.destination !== first?.destination || other?.port !== first?.port;
  return shown.some(isOther) ? undefined : first;
}

function one({ transform }: Flow, family: 4 | 6): Translated | undefined {
  return transform.destination === undefined ? undefined : translatedOf(family, transform.destination);
}

/** A destination translation as reports show it. */
export function translatedOf(family: 4 | 6, { address, port }: Translation): Translated {
  return {
    ...(address === undefined ? {} : { destination: addressText(family, address) }),
    ...(port === undefined ? {} : { port: port.lo === port.hi ? port.lo : `${port.lo}-${port.hi}` }),
  };
}

function addressText(family: 4 | 6, address: NonNullable<Translation['address']>): string {
  if (address.kind === 'range') return formatRange(family, address.lo, address.hi);
  if (address.kind === 'local') return 'an address of this host';
  return `${formatRange(family, address.value, address.value)} with the packet's own host bits`;
}
