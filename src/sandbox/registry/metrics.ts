// biome-ignore lint/suspicious/noExplicitAny: metrics of both versions
type Loose = any;

/** A copy without what is not there. */
const compact = (object: { [key: string]: unknown }) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

type Sides = [older: (source: Loose) => Loose, newer: (source: Loose) => Loose];

const utilization = (target: Loose) =>
  target.targetAverageUtilization === undefined
    ? { type: 'AverageValue', averageValue: target.targetAverageValue }
    : compact({ type: 'Utilization', averageUtilization: target.targetAverageUtilization, averageValue: target.targetAverageValue });

const amount = (value: unknown, average: unknown) =>
  compact({
    type: average !== undefined && (value === undefined || value === '0') ? 'AverageValue' : 'Value',
    value,
    averageValue: average,
  });

/** A metric that is asked for, by the member that holds it: what version 1's annotation has of it, and what version 2 has. */
const wanted: { [member: string]: Sides } = {
  object: [
    ({ describedObject, metric, target }) =>
      compact({
        target: describedObject,
        metricName: metric?.name,
        targetValue: target?.value ?? '0',
        selector: metric?.selector,
        averageValue: target?.averageValue,
      }),
    ({ target, metricName, targetValue, selector, averageValue }) => ({
      describedObject: target,
      metric: compact({ name: metricName, selector }),
      target: averageValue === undefined ? amount(targetValue, undefined) : { type: 'AverageValue', averageValue },
    }),
  ],
  pods: [
    ({ metric, target }) => compact({ metricName: metric?.name, targetAverageValue: target?.averageValue, selector: metric?.selector }),
    ({ metricName, targetAverageValue, selector }) => ({
      metric: compact({ name: metricName, selector }),
      target: { type: 'AverageValue', averageValue: targetAverageValue },
    }),
  ],
  resource: [
    ({ name, target }) => compact({ name, targetAverageUtilization: target?.averageUtilization, targetAverageValue: target?.averageValue }),
    ({ name, ...target }) => ({ name, target: utilization(target) }),
  ],
  containerResource: [
    ({ name, container, target }) =>
      compact({ name, targetAverageUtilization: target?.averageUtilization, targetAverageValue: target?.averageValue, container }),
    ({ name, container, ...target }) => ({ name, target: utilization(target), container }),
  ],
  external: [
    ({ metric, target }) =>
      compact({
        metricName: metric?.name,
        metricSelector: metric?.selector,
        targetValue: target?.value,
        targetAverageValue: target?.averageValue,
      }),
    ({ metricName, metricSelector, targetValue, targetAverageValue }) => ({
      metric: compact({ name: metricName, selector: metricSelector }),
      target: amount(targetValue, targetAverageValue),
    }),
  ],
};

/** The same of metrics that were seen. */
const seen: { [member: string]: Sides } = {
  object: [
    ({ describedObject, metric, current }) =>
      compact({
        target: describedObject,
        metricName: metric?.name,
        currentValue: current?.value ?? '0',
        selector: metric?.selector,
        averageValue: current?.averageValue,
      }),
    ({ target, metricName, currentValue, selector, averageValue }) => ({
      metric: compact({ name: metricName, selector }),
      current: compact({ value: currentValue, averageValue }),
      describedObject: target,
    }),
  ],
  pods: [
    ({ metric, current }) =>
      compact({ metricName: metric?.name, currentAverageValue: current?.averageValue ?? '0', selector: metric?.selector }),
    ({ metricName, currentAverageValue, selector }) => ({
      metric: compact({ name: metricName, selector }),
      current: { averageValue: currentAverageValue },
    }),
  ],
  resource: [
    ({ name, current }) =>
      compact({ name, currentAverageUtilization: current?.averageUtilization, currentAverageValue: current?.averageValue ?? '0' }),
    ({ name, currentAverageUtilization, currentAverageValue }) => ({
      name,
      current: compact({ averageValue: currentAverageValue, averageUtilization: currentAverageUtilization }),
    }),
  ],
  containerResource: [
    ({ name, container, current }) =>
      compact({
        name,
        currentAverageUtilization: current?.averageUtilization,
        currentAverageValue: current?.averageValue ?? '0',
        container,
      }),
    ({ name, container, currentAverageUtilization, currentAverageValue }) => ({
      name,
      current: compact({ averageValue: currentAverageValue, averageUtilization: currentAverageUtilization }),
      container,
    }),
  ],
  external: [
    ({ metric, current }) =>
      compact({
        metricName: metric?.name,
        metricSelector: metric?.selector,
        currentValue: current?.value ?? '0',
        currentAverageValue: current?.averageValue,
      }),
    ({ metricName, metricSelector, currentValue, currentAverageValue }) => ({
      metric: compact({ name: metricName, selector: metricSelector }),
      current: compact({ value: currentValue, averageValue: currentAverageValue }),
    }),
  ],
};

function through(table: { [member: string]: Sides }, side: 0 | 1): (metric: Loose) => Loose {
  return (metric) =>
    Object.fromEntries(
      Object.entries((metric ?? {}) as { [member: string]: Loose }).map(([member, source]) => {
        const sides = Object.hasOwn(table, member) ? table[member] : undefined;
        return [member, sides && source !== null && typeof source === 'object' ? sides[side](source) : source];
      }),
    );
}

export const metricToOlder = through(wanted, 0);
export const metricToNewer = through(wanted, 1);
export const statusToOlder = through(seen, 0);
export const statusToNewer = through(seen, 1);

const ruleFields = ['stabilizationWindowSeconds', 'selectPolicy', 'policies', 'tolerance'];
const policyFields = ['type', 'value', 'periodSeconds'];
const capital = (name: string) => name[0]?.toUpperCase() + name.slice(1);

function capitalised(object: Loose, fields: readonly string[]): Loose {
  if (!object) return null;
  const present = fields.filter((f) => f !== 'tolerance' || object[f] !== undefined);
  return Object.fromEntries(present.map((f) => [capital(f), object[f] ?? null]));
}

/** How version 1's annotation writes behavior: as the API server's own structures are called. */
export function behaviorToOlder(behavior: Loose): Loose {
  const rules = (given: Loose) =>
    given && capitalised({ ...given, policies: (given.policies ?? []).map((p: Loose) => capitalised(p, policyFields)) }, ruleFields);
  return { ScaleUp: rules(behavior.scaleUp) ?? null, ScaleDown: rules(behavior.scaleDown) ?? null };
}

/** Reads it back; names are read in either case, as Go reads them. */
export function behaviorToNewer(value: Loose): Loose {
  if (Array.isArray(value)) return value.map(behaviorToNewer);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value as { [key: string]: Loose }).filter(([, member]) => member !== null);
  return Object.fromEntries(entries.map(([key, member]) => [key[0]?.toLowerCase() + key.slice(1), behaviorToNewer(member)]));
}
