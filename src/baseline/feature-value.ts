import type { Baseline, Connection } from './baseline.ts';
import { type Settings, settingOf } from './deployment.ts';

/** Whether a connection's features hold, and which of them decide that. */
export interface FeatureValue {
  readonly value: boolean | 'undecided' | 'optional';
  /** None where all are on. */
  readonly names: readonly string[];
}

/** What the connection's features come to: the first that is off, else undecided, else optional. */
export function featureValue(
  baseline: Baseline,
  { features }: Pick<Connection, 'features'>,
  settings: Settings,
): FeatureValue {
  const values = features.map((name) => featureState(name, baseline, settings));
  const decides = ([false, 'undecided', 'optional'] as const).flatMap((wanted) =>
    values.filter(({ value }) => value === wanted),
  )[0];
  return decides ?? { value: true, names: [] };
}

/** What the site says, else the baseline; but for a feature that comes with others: as far as one of them holds. */
function featureState(name: string, baseline: Baseline, settings: Settings): FeatureValue {
  const said = settingOf(settings.features, baseline, name)?.value;
  if (said !== undefined) return { value: said, names: [name] };
  const { default: own = 'undecided', any = [] } = baseline.features.get(name) ?? {};
  const others = any.map((one) => featureState(one, baseline, settings));
  if (own === false || others.length === 0 || others.some(({ value }) => value === true))
    return { value: own, names: [name] };
  for (const value of ['undecided', 'optional'] as const) {
    const open = others.filter((one) => one.value === value);
    if (open.length > 0) return { value, names: open.flatMap(({ names }) => names) };
  }
  return { value: false, names: any };
}
