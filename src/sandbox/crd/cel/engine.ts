import type { Environment } from '@marcbachmann/cel-js';
import { addLibrary } from './library.js';

interface Engine {
  base: Environment;
  /** Where rules are evaluated: `self` may be anything. */
  dynamic: Environment;
  /** A text as a duration. @throws where it is none */
  duration(text: string): unknown;
}

let engine: Engine | undefined;
let loading: Promise<void> | undefined;

/** Loads the rule engine: to be awaited before anything with rules is written. */
export function loadRules(): Promise<void> {
  loading ??= load();
  return loading;
}

async function load(): Promise<void> {
  const { Environment } = await import('@marcbachmann/cel-js');
  const base = new Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 5000, maxDepth: 100, maxListElements: 1000, maxMapEntries: 1000, maxCallArguments: 32 },
  });
  addLibrary(base);
  const dynamic = base.clone();
  for (const name of ['self', 'oldSelf']) dynamic.registerVariable(name, 'dyn');
  const durations = base.clone().registerVariable('text', 'string').parse('duration(text)');
  engine = { base, dynamic, duration: (text) => durations({ text }) };
}

/** The engine, where it was loaded. */
export function loadedEngine(): Engine | undefined {
  return engine;
}
